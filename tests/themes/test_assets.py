"""Names of assets follow their content, and what refers to them follows their names."""

import re
from pathlib import Path

import pytest

from portalgen.problems import Problems
from portalgen.settings.network import load_network
from portalgen.themes.assets import Assets, load_assets, with_tokens
from portalgen.themes.theme import Theme, load_themes
from tests.helpers import MAIN_SETTINGS, network

Files = dict[str, str | bytes]
A = "themes/x/assets/"


def load(folder: Path, files: Files) -> tuple[Assets, list[str], Theme]:
    """The assets of a theme with these files, and what is wrong with them."""
    root = network(folder, {
        "site.yaml": MAIN_SETTINGS + "theme: x\n",
        "themes/x/theme.yaml": "name: x\nextends: portal\n",
        **{A + name: content for name, content in files.items()},
    })  # fmt: skip
    problems = Problems()
    theme = load_themes(load_network(root), problems)["x"]
    assets = load_assets(theme, problems)
    return assets, [item.describe("en") for item in problems.items], theme


def content(assets: Assets, name: str) -> str:
    return assets.files[assets.names[name]].decode()


def test_a_name_changes_with_the_content_alone(tmp_path: Path) -> None:
    first, again, other = (
        load(tmp_path / str(number), {"a/b.min.txt": text})[0].names["a/b.min.txt"]
        for number, text in enumerate(("một", "một", "hai"))
    )
    assert re.fullmatch(r"assets/a/b\.min\.[0-9a-f]{8}\.txt", first)
    assert first == again != other


def test_what_a_style_refers_to_is_found_under_its_new_name(tmp_path: Path) -> None:
    style = (
        "a{b:url(c.svg)} d{e:url('./f/g.svg')} h{i:url( \"f/g.svg\" )}"
        "j{k:url(data:image/png;base64,x)} l{m:url(#n)} o{p:url(https://q.example/r)} s{t:url(/u)}"
    )
    assets, problems, _ = load(
        tmp_path, {"own.css": style, "c.svg": "<svg/>", "f/g.svg": "<svg />"}
    )
    assert problems == []
    direct, below = (assets.names[n].removeprefix("assets/") for n in ("c.svg", "f/g.svg"))
    assert content(assets, "own.css") == (
        f"a{{b:url({direct})}} d{{e:url({below})}} h{{i:url({below})}}"
        "j{k:url(data:image/png;base64,x)} l{m:url(#n)} o{p:url(https://q.example/r)} s{t:url(/u)}"
    )


def test_a_script_below_a_folder_imports_from_the_folder_above(tmp_path: Path) -> None:
    files: Files = {
        "a/b.js": 'import {c} from "./d.js"; import "./d.js"; const from = "./d.js"; '
        'e.from "./d.js"',
        "a/d.js": "export const c = 1",
    }
    assets, problems, _ = load(tmp_path, files)
    assert problems == []
    target = f"./../{assets.names['a/d.js'].removeprefix('assets/')}"
    assert content(assets, "a/b.js") == (
        f'import {{c}} from "{target}"; import "{target}"; const from = "./d.js"; e.from "./d.js"'
    )


def test_another_content_of_what_is_referred_to_renames_whoever_refers_to_it(
    tmp_path: Path,
) -> None:
    names = []
    for number, picture in enumerate(("<svg/>", "<svg />")):
        files: Files = {"a.css": "@import url(b.css)", "b.css": "c{d:url(e.svg)}", "e.svg": picture}
        names.append(load(tmp_path / str(number), files)[0].names)
    assert all(names[0][name] != names[1][name] for name in ("a.css", "b.css", "e.svg"))
    assert names[0]["main.css"] == names[1]["main.css"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.css": "b{c:url(d.svg)}"},
         f"{A}a.css: There is no file “d.svg” in the theme's assets. Correct the name or add the "
         "file."),
        ({"a.css": "@import url(b.css)", "b.css": "@import url(a.css)"},
         f"{A}b.css: There is no file “a.css” in the theme's assets. Correct the name or add the "
         "file."),
        ({"a.css": "@import url(a.css)"},
         f"{A}a.css: There is no file “a.css” in the theme's assets. Correct the name or add the "
         "file."),
        ({"a.js": b'import "./b.js" // \xff', "b.js": ""},
         f"{A}a.js:1:20: The file is not UTF-8. Save it again as UTF-8."),
        ({"a" * 240 + ".svg": "<svg/>"},
         f"{A}{'a' * 240}.svg: The address is too long: each part may have at most 252 bytes, the "
         "whole address 900. Shorten it."),
    ],
)  # fmt: skip
def test_an_asset_that_cannot_be_served_is_told(tmp_path: Path, files: Files, message: str) -> None:
    assert load(tmp_path, files)[1] == [message]


def test_an_asset_of_the_theme_comes_before_that_of_the_theme_it_extends(tmp_path: Path) -> None:
    assets, problems, _ = load(tmp_path, {"main.css": "a{}", ".DS_Store": "x"})
    assert problems == []
    assert content(assets, "main.css") == "a{}"
    assert "search.js" in assets.names
    assert ".DS_Store" not in assets.names


def test_tokens_are_a_file_of_the_sites_own(tmp_path: Path) -> None:
    assets, _, theme = load(tmp_path, {})
    root = network(tmp_path / "sites", {
        "members/sapa/site.yaml": 'title: Sa Pa\ntokens: {brand: "#123456"}\n',
    })  # fmt: skip
    main, sapa = (with_tokens(assets, site, theme) for site in load_network(root).sites)
    assert content(sapa, "tokens.css").startswith("@layer tokens{:root{--accent:#a8701a;")
    assert "--brand:#123456;" in content(sapa, "tokens.css")
    assert "--brand:#8c1d18;" in content(main, "tokens.css")
    assert main.names["tokens.css"] != sapa.names["tokens.css"]
    assert main.names["main.css"] == sapa.names["main.css"]
    assert "tokens.css" not in assets.names
