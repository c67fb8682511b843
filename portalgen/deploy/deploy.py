"""Deploying: what was built goes to a target as a release, is verified, and is switched to."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec.structs import replace

from portalgen.deploy.carry import Carrier, take_folder
from portalgen.deploy.register_files import load_shipped, state
from portalgen.deploy.releases import Deployed, Difference, Listed, Releases
from portalgen.deploy.shipment import Shipment, Signer, load_shipment, open_signer
from portalgen.deploy.storage import Storage
from portalgen.deploy.targets import folder, s3, ssh
from portalgen.output.lock import Lock
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.register.place import readable_folder
from portalgen.register.store import load_register
from portalgen.settings.network import Network, load_network
from portalgen.settings.root import Target
from portalgen.sources import OWN


def find_target(network: Network, name: str) -> Target:
    """The target of that name; raises `PortalError` with those there are."""
    targets = {target.name: target for target in network.main.targets}
    if name not in targets:
        names = ", ".join(targets) or "-"
        raise PortalError([problem("unknown-target", name=name, known=names)])
    return targets[name]


class Deployment:
    """A network, its output and one target; all calls raise `PortalError` and `OSError`."""

    def __init__(self, network: Network, output: Path, target: Target, signer: Signer):
        self._network, self._output, self._target = network, output, target
        self._signer = signer

    def of(self, output: Path) -> "Deployment":
        """The same for another output."""
        return Deployment(self._network, output, self._target, self._signer)

    def take_register(self, new: bool = False) -> str | None:
        """Merge the target's register into that of the output; what to give to `deploy`.

        None if nothing was ever deployed there.

        With `new`, the one at the target counts for nothing. The target is not locked while the
        network is built, which may take long: a rollback must not wait for that. Who deploys
        meanwhile is seen by `deploy`.
        """
        carrier = Carrier(self._target.name, self._network.root, self._output, self._signer)
        with self._storage(look=True) as storage:
            return state(carrier.index(storage)) if new else carrier.take(storage)

    def deploy(
        self, jobs: int, progress: Progress, repair: bool = False, unpin: str = "",
        seen: str | None = None,
    ) -> Deployed:  # fmt: skip
        """Ship what stands in the output, with its register.

        Raises `PortalError` with `target-moved` if the register at the target is not the one that
        `take_register` has `seen`: take it again, build, and deploy.
        """
        folder = readable_folder(self._network.root, self._output)
        with Lock(self._output / OWN / "lock"):  # nobody builds meanwhile
            shipment = replace(
                self._shipment(), register=load_shipped(folder, seen or "", self._signer)
            )
            return self._releases().deploy(shipment, jobs, progress, repair, unpin)

    def differences(self) -> list[Difference]:
        """What `deploy` would change at each site; touches nothing."""
        return self._releases(look=True).differences(self._shipment())

    def listed(self) -> list[Listed]:
        """The releases at the target, the newest first; touches nothing."""
        return self._releases(look=True).listed()

    def show(self, to: str, site: str) -> Deployed:
        """Show an earlier release, or one of its sites, and hold it in place."""
        return self._releases().show(self._signer, to, site)

    def purge(self, paths: Mapping[str, Iterable[str]]) -> list[str]:
        """Remove the releases in which files have another content than now; their names."""
        return self._releases().purge(paths)

    def _shipment(self) -> Shipment:
        urls = {site.slug: site.base_url for site in self._network.sites}
        if self._network.left_out:  # what is published of them stays, at the address that it had
            register = load_register(readable_folder(self._network.root, self._output))
            sites = register.sites if register else {}
            urls |= {s: sites[s].record.base_url for s in self._network.left_out & sites.keys()}
        return load_shipment(self._network.root, self._output, urls, self._signer)

    def _releases(self, look: bool = False) -> Releases:
        return Releases(self._storage(look), self._target.keep)

    def _storage(self, look: bool) -> AbstractContextManager[Storage]:
        """The storage of the target; its URL says what it is."""
        target = self._target
        if target.url.startswith("ssh://"):
            return ssh.opened(target, self._network.state / "trees", look)
        if target.url.startswith("s3://"):
            return s3.opened(target, look)
        return folder.opened(target.name, self._folder(), look)

    def _folder(self) -> Path:
        """The folder of a target; refused among the sources or in the output."""
        base, output = self._network.root.resolve(), self._output.resolve()
        place = (base / self._target.url).resolve()
        sources = [
            base / name for name in ("content", "members", "themes", "static", "register")
        ] + [self._network.state.resolve()]
        if (
            place == base
            or base.is_relative_to(place)
            or output.is_relative_to(place)
            or any(place.is_relative_to(path) for path in (*sources, output))
        ):
            raise PortalError([problem("target-inside", name=self._target.name)])
        return place


def take_register_of(name: str, root: Path, output: Path, state: Path | None = None) -> None:
    """Merge the register of a target, or in a folder, into that of the output.

    Raises `PortalError` if there is none.
    """
    network = load_network(root, state=state)
    if any(target.name == name for target in network.main.targets):
        target = find_target(network, name)
        if Deployment(network, output, target, open_signer()).take_register() is not None:
            return
    elif take_folder(Path(name), root, output):
        return
    names = ", ".join(target.name for target in network.main.targets) or "-"
    raise PortalError([problem("no-register", name=Path(name).name, known=names)])
