"""A page with every component of a theme, its parameters and examples: `make theme`."""

import sys
from html import escape
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment

from portalgen.changes.ended import load_ended
from portalgen.problems import Problems
from portalgen.settings.network import load_network
from portalgen.sources import OWN
from portalgen.themes.theme import load_themes
from portalgen.themes.theming import load_theming

_PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{styles}</head><body><main class="wrap"><h1>{title}</h1>
{parts}</main></body></html>
"""
_PART = "<section><div class='heading'><h2>{name}</h2></div><p>{about}</p><dl>{rows}</dl>{examples}</section>\n"  # noqa: E501


def write_gallery(root: Path, target: Path) -> Path:
    """Write the page of the main portal's theme and its assets into `target`; return its path.

    Raises `PortalError` if the settings or the theme are wrong.
    """
    network = load_network(root)
    problems = Problems()
    theming = load_theming(network, problems, load_ended(root / OWN))["main"]
    theme = load_themes(network, problems)[network.main.theme]
    for name, data in theming.assets.files.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    _sample_picture(target / "media")
    sheets = [theming.assets.names[name] for name in ("tokens.css", "main.css")]
    styles = "".join(f'<link rel="stylesheet" href="{name}">' for name in sheets)
    files = {
        file.stem: file for layer in reversed(theme.layers)
        for file in sorted(layer.templates.parent.glob("examples/*.yaml"))
    }  # fmt: skip
    parts = [_part(theming.templates.environment, name, files[name]) for name in sorted(files)]
    page = target / "index.html"
    title = f"{theme.name}: components"
    text = _PAGE.format(title=escape(title), styles=styles, parts="".join(parts))
    page.write_text(text, encoding="utf-8", newline="\n")
    return page


def component(environment: Environment, name: str) -> Any:
    """The macro of a component: `link-list` is `link_list` in `components/link-list.html`."""
    return getattr(
        environment.get_template(f"components/{name}.html").module, name.replace("-", "_")
    )


def _part(environment: Environment, name: str, file: Path) -> str:
    description = yaml.safe_load(file.read_text("utf-8"))
    macro = component(environment, name)
    rows = "".join(
        f"<dt><code>{escape(key)}</code></dt><dd>{escape(text)}</dd>"
        for key, text in description["parameters"].items()
    )
    examples = "".join(f"<div>{macro(**example)}</div>" for example in description["examples"])
    # Examples refer to the root of a site, but this page may lie anywhere.
    examples = examples.replace('"/media/', '"media/').replace(" /media/", " media/")
    about = escape(description["about"])
    return _PART.format(name=escape(name), about=about, rows=rows, examples=examples)


def _sample_picture(folder: Path) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    shades = Image.linear_gradient("L").resize((960, 540))
    picture = Image.merge("RGB", (shades, shades.point(lambda v: 90 + v // 2), shades))
    for width in (480, 960):
        sized = picture.resize((width, width * 9 // 16))
        for kind in ("jpg", "webp"):
            sized.save(folder / f"sample-{width}.{kind}")


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    print(write_gallery(folder, folder / OWN / "components"))
