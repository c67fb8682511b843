"""What the main portal's home page shows first, or leaves out: `front` of the root file."""

from collections.abc import Callable, Iterator
from urllib.parse import unquote

from portalgen.content.link_targets import LinkTargets
from portalgen.content.model import Article
from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problem
from portalgen.settings.claims import address_key
from portalgen.settings.network import MAIN

_Name = tuple[str, str]  # of a source: its site, and its path below `content/`


def choose_front(
    index: SiteIndex, find: Callable[[str, str], Article | None], targets: LinkTargets, now: int
) -> Iterator[Problem]:
    """Set what the main portal pins and leaves out; yields warnings of what leads nowhere.

    `find` returns the published article of a source. What is not published now waits.
    """
    site = index.site
    if 0 < site.front_until <= now:
        return
    for key, texts, paths in (
        ("pin", site.front.pin, index.pinned), ("leave_out", site.front.leave_out, index.left_out)
    ):  # fmt: skip
        for number, text in enumerate(texts):
            name = _source(text) or _at_address(text, targets)
            article = find(*name) if name else None
            if article and article.path not in paths:
                paths.append(article.path)
            if not name or not targets.is_source(*name):
                nowhere = site.problem(f"front.{key}.{number}", "front-nowhere", target=text[:200])
                yield nowhere._replace(site=site.slug)


def _source(text: str) -> _Name | None:
    """The source that is named by `portal:…` or by the path of its file; None for an address."""
    text = text.replace("\\", "/").removeprefix("./")
    if text.startswith("portal:"):
        slug, _, name = text.removeprefix("portal:").partition("/")
        return slug, name
    if text.startswith("members/"):
        slug, _, name = text.removeprefix("members/").partition("/content/")
        return slug, name
    if text.startswith("/") or "://" in text:
        return None
    return MAIN, text.removeprefix("content/")


def _at_address(text: str, targets: LinkTargets) -> _Name | None:
    """The source whose page is at an address, which may be a path of the main portal."""
    main = targets.network.main
    url = main.base_url + text.lstrip("/") if text.startswith("/") else text
    return targets.by_address.get(address_key(unquote(url.partition("#")[0].partition("?")[0])))
