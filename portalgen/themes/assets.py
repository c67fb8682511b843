"""Assets of a site, fingerprinted, and its tokens as CSS."""

import re
from pathlib import PurePosixPath

from msgspec import Struct

from portalgen import sources
from portalgen.digests import digest_bytes
from portalgen.problems import Problem, Problems, problem
from portalgen.settings.routes import MAX_NAME, MAX_ROUTE, fits
from portalgen.settings.site import Site
from portalgen.themes.theme import Theme, token_values

TOKENS_FILE = "tokens.css"
_URL = re.compile(r"url\(\s*([\"']?)([^\"')]+)\1\s*\)")
_IMPORT = re.compile(r"(?<![\w.])((?:from|import)\s*)([\"'])(\./[^\"']+)\2")


class Assets(Struct, frozen=True):
    """What templates may link to: `names` maps `main.css` to `assets/main.1a2b3c4d.css`."""

    names: dict[str, str]
    files: dict[str, bytes]


def load_assets(theme: Theme, problems: Problems) -> Assets:
    """The theme's assets, fingerprinted; `url(…)` in CSS and imports in scripts follow."""
    raw: dict[str, bytes] = {}
    for layer in reversed(theme.layers):
        if layer.assets.is_dir():
            for file in sorted(layer.assets.rglob("*")):
                if file.is_dir() or file.name.startswith("."):
                    continue
                name = file.relative_to(layer.assets).as_posix()
                try:
                    raw[name] = sources.read_bytes(file, sources.MAX_FILE_BYTES)
                except OSError as error:
                    path = f"themes/{layer.name}/assets/{name}"
                    problems.add(sources.unreadable(error, path, sources.MAX_FILE_BYTES))
    assets = Assets({}, {})
    for name in raw:
        _add_asset(name, raw, assets, problems, theme, ())
    return assets


def with_tokens(assets: Assets, site: Site, theme: Theme) -> Assets:
    """These assets and the site's own `tokens.css`."""
    lines = [f"--{name}:{value};" for name, value in sorted(token_values(site, theme).items())]
    data = ("@layer tokens{:root{" + "".join(lines) + "}}\n").encode()
    route = _fingerprinted(TOKENS_FILE, data)
    return Assets({**assets.names, TOKENS_FILE: route}, {**assets.files, route: data})


def _add_asset(
    name: str,
    raw: dict[str, bytes],
    assets: Assets,
    problems: Problems,
    theme: Theme,
    parents: tuple[str, ...],
) -> str:
    """Fingerprint an asset after those it refers to; return its route."""
    if name in assets.names:
        return assets.names[name]
    data = raw[name]
    pattern = {".css": _URL, ".js": _IMPORT}.get(PurePosixPath(name).suffix)
    if pattern:

        def fingerprint(match: re.Match[str]) -> str:
            target = match[2] if pattern is _URL else match[3]
            if target.startswith(("data:", "#", "http:", "https:", "/")):
                return match[0]
            path = str(PurePosixPath(name).parent / target.removeprefix("./"))
            if path not in raw or path in (*parents, name):
                source = f"themes/{theme.name}/assets/{name}"
                problems.add(problem("asset-missing", source, name=target))
                return match[0]
            route = _add_asset(path, raw, assets, problems, theme, (*parents, name))
            depth = len(PurePosixPath(name).parts) - 1
            relative = "../" * depth + route.removeprefix("assets/")
            if pattern is _URL:
                return f"url({relative})"
            return f"{match[1]}{match[2]}./{relative}{match[2]}"

        text = sources.decode(data, f"themes/{theme.name}/assets/{name}")
        if isinstance(text, Problem):
            problems.add(text)
        else:
            data = pattern.sub(fingerprint, text).encode()
    route = _fingerprinted(name, data)
    if not fits(route):
        path = f"themes/{theme.name}/assets/{name}"
        problems.add(problem("address-too-long", path, limit=MAX_NAME, whole=MAX_ROUTE))
    assets.names[name] = route
    assets.files[route] = data
    return route


def _fingerprinted(name: str, data: bytes) -> str:
    path = PurePosixPath(name)
    return f"assets/{path.with_name(f'{path.stem}.{digest_bytes(data)[:8]}{path.suffix}')}"
