"""Deploying: what was built goes to a target as a release, is verified, and is switched to."""

from pathlib import Path

from portalgen.deploy.releases import Deployed, Difference, Releases
from portalgen.deploy.shipment import load_shipment
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


def deploy(root: Path, output: Path, target: Target, jobs: int, progress: Progress) -> Deployed:
    """Ship what stands in `output`; raises `PortalError` and `OSError`."""
    with Lock(output / OWN / "lock"):  # nobody builds meanwhile
        shipment = load_shipment(root, output)
        return _releases(root, output, target).deploy(shipment, jobs, progress)


def differences(root: Path, output: Path, target: Target) -> list[Difference]:
    """What `deploy` would change at each site; touches nothing."""
    shipment = load_shipment(root, output)
    return _releases(root, output, target, look=True).differences(shipment)


def roll_back(root: Path, output: Path, target: Target) -> str:
    """Show the release before the current one again; its name."""
    return _releases(root, output, target).roll_back()


def _releases(
    root: Path, output: Path, target: Target, look: bool = False
) -> Releases | s3.BucketReleases:
    """The releases at a target; its URL says what it is."""
    if target.url.startswith("ssh://"):
        return Releases(ssh.opened(target, root / OWN / "trees", look))
    if target.url.startswith("s3://"):
        return s3.BucketReleases(target)
    return Releases(folder.opened(_folder(root, output, target), look))


def _folder(root: Path, output: Path, target: Target) -> Path:
    """The folder of a target; refused among the sources or in the output."""
    place = (root / target.url).resolve()
    base = root.resolve()
    sources = [base / name for name in ("content", "members", "themes", "static", OWN)]
    if (
        place == base
        or base.is_relative_to(place)
        or output.resolve().is_relative_to(place)
        or any(place.is_relative_to(path) for path in (*sources, output.resolve()))
    ):
        raise PortalError([problem("target-inside", name=target.name)])
    return place
