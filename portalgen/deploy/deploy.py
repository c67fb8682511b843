"""Deploying: what was built goes to a target as a release, is verified, and is switched to."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from portalgen.deploy.releases import Deployed, Difference, Listed, Releases
from portalgen.deploy.shipment import Shipment, Signer, load_shipment
from portalgen.deploy.storage import Storage
from portalgen.deploy.targets import folder, s3, ssh
from portalgen.output.lock import Lock
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.network import Network
from portalgen.settings.site import Target
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

    def deploy(
        self, jobs: int, progress: Progress, repair: bool = False, unpin: str = ""
    ) -> Deployed:
        """Ship what stands in the output."""
        with Lock(self._output / OWN / "lock"):  # nobody builds meanwhile
            return self._releases().deploy(self._shipment(), jobs, progress, repair, unpin)

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
        return load_shipment(self._network.root, self._output, urls, self._signer)

    def _releases(self, look: bool = False) -> Releases:
        return Releases(self._storage(look), self._target.keep)

    def _storage(self, look: bool) -> AbstractContextManager[Storage]:
        """The storage of the target; its URL says what it is."""
        target = self._target
        if target.url.startswith("ssh://"):
            return ssh.opened(target, self._network.root / OWN / "trees", look)
        if target.url.startswith("s3://"):
            return s3.opened(target, look)
        return folder.opened(self._folder(), look)

    def _folder(self) -> Path:
        """The folder of a target; refused among the sources or in the output."""
        base, output = self._network.root.resolve(), self._output.resolve()
        place = (base / self._target.url).resolve()
        sources = [base / name for name in ("content", "members", "themes", "static", OWN)]
        if (
            place == base
            or base.is_relative_to(place)
            or output.is_relative_to(place)
            or any(place.is_relative_to(path) for path in (*sources, output))
        ):
            raise PortalError([problem("target-inside", name=self._target.name)])
        return place
