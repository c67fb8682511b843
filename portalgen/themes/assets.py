"""Assets of a site under names that change with their content, and the tokens as CSS."""

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
    """The theme's assets, fingerprinted, with `url(…)` in CSS and imports in scripts following."""
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
        _finish(name, raw, assets, problems, theme, ())
    return assets


def with_tokens(assets: Assets, site: Site, theme: Theme) -> Assets:
    """The same assets and the site's own `tokens.css`."""
    lines = [f"--{name}:{value};" for name, value in sorted(token_values(site, theme).items())]
    data = ("@layer tokens{:root{" + "".join(lines) + "}}\n").encode()
    made = _fingerprinted(TOKENS_FILE, data)
    return Assets({**assets.names, TOKENS_FILE: made}, {**assets.files, made: data})


def _finish(
    name: str,
    raw: dict[str, bytes],
    assets: Assets,
    problems: Problems,
    theme: Theme,
    above: tuple[str, ...],
) -> str:
    """The fingerprinted name of an asset, after those it names itself."""
    if name in assets.names:
        return assets.names[name]
    data = raw[name]
    pattern = {".css": _URL, ".js": _IMPORT}.get(PurePosixPath(name).suffix)
    if pattern:

        def follow(found: re.Match[str]) -> str:
            target = found[2] if pattern is _URL else found[3]
            if target.startswith(("data:", "#", "http:", "https:", "/")):
                return found[0]
            path = str(PurePosixPath(name).parent / target.removeprefix("./"))
            if path not in raw or path in (*above, name):
                shown = f"themes/{theme.name}/assets/{name}"
                problems.add(problem("asset-missing", shown, name=target))
                return found[0]
            made = _finish(path, raw, assets, problems, theme, (*above, name))
            depth = len(PurePosixPath(name).parts) - 1
            relative = "../" * depth + made.removeprefix("assets/")
            if pattern is _URL:
                return f"url({relative})"
            return f"{found[1]}{found[2]}./{relative}{found[2]}"

        text = sources.decode(data, f"themes/{theme.name}/assets/{name}")
        if isinstance(text, Problem):
            problems.add(text)
        else:
            data = pattern.sub(follow, text).encode()
    made = _fingerprinted(name, data)
    if not fits(made):
        path = f"themes/{theme.name}/assets/{name}"
        problems.add(problem("address-too-long", path, limit=MAX_NAME, whole=MAX_ROUTE))
    assets.names[name] = made
    assets.files[made] = data
    return made


def _fingerprinted(name: str, data: bytes) -> str:
    path = PurePosixPath(name)
    return f"assets/{path.with_name(f'{path.stem}.{digest_bytes(data)[:8]}{path.suffix}')}"
