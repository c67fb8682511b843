from collections.abc import Mapping
from pathlib import Path

import pytest

from portalgen.problems import PortalError, Problems
from portalgen.settings.network import load_network
from portalgen.themes.theme import Theme, load_themes, token_values
from tests.helpers import (
    MEMBER_SETTINGS,
    article,
    network,
    page,
    problems,
    run,
)

FILES = {
    "content/tin-tuc/mot.md": article("Một"),
    "members/sapa/content/tin-tuc/hai.md": article("Hai"),
}


def test_a_theme_extends_another_and_members_change_tokens(tmp_path: Path) -> None:
    theme = {
        "themes/vung-cao/theme.yaml": "name: vung-cao\nextends: portal\n",
        "themes/vung-cao/templates/parts/footer.html": "<footer>Chân trang vùng cao</footer>",
    }
    member = MEMBER_SETTINGS + 'theme: vung-cao\ntokens: {brand: "#123456"}\n'
    root = network(tmp_path, {**FILES, **theme, "members/sapa/site.yaml": member})
    assert problems(run(root)) == []
    assert "Chân trang vùng cao" in page(root, "sapa/index.html")
    assert "Chân trang vùng cao" not in page(root, "main/index.html")
    tokens = next((root / "public/sapa/assets").glob("tokens.*.css")).read_text()
    assert "--brand:#123456;" in tokens


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"themes/x/theme.yaml": "name: x\nextends: portal\n", "themes/x/assets/a.css": b"\xff"},
            "themes/x/assets/a.css:1:1: ",
        ),
        ({"themes/x/theme.yaml": "name: x\n"}, "themes/x/strings/en.yaml:1:1: "),
        ({"themes/x/theme.yaml": "name: x\n"}, "themes/x/theme.yaml:1:1: "),
    ],
)
def test_a_theme_that_cannot_serve_is_refused(
    tmp_path: Path, files: dict[str, str | bytes | None], message: str
) -> None:
    settings = {"members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n"}
    with pytest.raises(PortalError) as caught:
        run(network(tmp_path, {**files, **settings}))
    assert any(p.describe("vi").startswith(message) for p in caught.value.problems)


X = {"themes/x/theme.yaml": "name: x\nextends: portal\n"}


def load(
    folder: Path, files: Mapping[str, str], theme: str = "x"
) -> tuple[Theme | None, list[str]]:
    """The theme of Sa Pa in a network with these files, and what is wrong with it."""
    settings = {"members/sapa/site.yaml": f"{MEMBER_SETTINGS}theme: {theme}\n"}
    wrong = Problems()
    themes = load_themes(load_network(network(folder, {**settings, **files})), wrong)
    return themes.get(theme), [item.describe("en") for item in wrong.items]


def test_a_theme_stands_above_all_those_it_extends(tmp_path: Path) -> None:
    theme, wrong = load(tmp_path, {
        "themes/x/theme.yaml": "name: x\nextends: y\n"
        'tokens: {brand: {type: color, value: "#111"}, new: {type: number, value: 7}}\n',
        "themes/x/strings/vi.yaml": "home: Nhà\nnew: Mới\n",
        "themes/x/strings/en.yaml": "new: New\n",
        "themes/y/theme.yaml": "name: y\nextends: portal\n"
        'tokens: {brand: {type: color, value: "#222"}, line: {type: color, value: "#333"}}\n',
        "themes/y/strings/vi.yaml": "home: Về nhà\nsearch: Tìm\n",
    })  # fmt: skip
    assert wrong == []
    assert theme is not None
    assert [layer.name for layer in theme.layers] == ["x", "y", "portal"]
    assert theme.layers[0].path == "themes/x/templates"
    values = {name: theme.tokens[name].value for name in ("brand", "line", "new", "accent")}
    assert values == {"brand": "#111", "line": "#333", "new": "7", "accent": "#a8701a"}
    assert (theme.strings["vi"]["home"], theme.strings["en"]["home"]) == ("Nhà", "Home")
    assert (theme.strings["vi"]["search"], theme.strings["en"]["new"]) == ("Tìm", "New")


def test_a_theme_of_the_network_comes_before_the_packaged_one_of_its_name(tmp_path: Path) -> None:
    theme, wrong = load(tmp_path, {"themes/portal/theme.yaml": "name: khac\n"}, "portal")
    assert theme is None
    assert set(wrong) == {
        "themes/portal/theme.yaml:1:1: `name` must equal the folder's name “portal”."
    }


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({"themes/x/theme.yaml": "name: x\nextends: z\n"},
         ["themes/x/theme.yaml:1:1: The theme “z” cannot be extended: it is missing or circular. "
          "Correct `extends`."]),
        ({"themes/x/theme.yaml": "name: x\nextends: x\n"},
         ["themes/x/theme.yaml:1:1: The theme “x” cannot be extended: it is missing or circular. "
          "Correct `extends`."]),
        ({"themes/x/theme.yaml": "extends: portal\n"},
         ["themes/x/theme.yaml:1:1: “name” is missing. Add a line `name: …`."]),
        ({"themes/x/theme.yaml": "name: x\nextends: portal\ntokens: {A: {type: color, value: "
          '"#111"}, b: {type: length, value: 7}}\n'},
         ["themes/x/theme.yaml:1:1: The value “#111” of the token “A” is not a valid color.",
          "themes/x/theme.yaml:1:1: The value “7” of the token “b” is not a valid length."]),
        ({**X, "themes/x/strings/en.yaml": "new: New\n"},
         ["themes/x/strings/vi.yaml:1:1: The string “new” is missing. Add it to this file."]),
        ({**X, "themes/x/strings/en.yaml": "home: [a]\n"},
         ["themes/x/strings/en.yaml:1:7: “[a]” does not fit here. Write: a"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_theme_is_told_at_its_file(
    tmp_path: Path, files: dict[str, str], wrong: list[str]
) -> None:
    assert load(tmp_path, files)[1] == wrong


def test_a_theme_that_extends_none_needs_all_that_pages_use(tmp_path: Path) -> None:
    _, wrong = load(tmp_path, {"themes/x/theme.yaml": "name: x\n"})
    at = "themes/x/strings/en.yaml:1:1: The string “{}” is missing. Add it to this file."
    for key in ("draft", "home", "members", "not_found", "page", "scheduled", "search",
                "search_hint", "site_map"):  # fmt: skip
        assert at.format(key) in wrong
        assert at.format(key).replace("en.yaml", "vi.yaml") in wrong
    for name in ("404", "article", "home", "members", "page", "redirect", "search", "section",
                 "site-map", "tag", "topic"):  # fmt: skip
        assert (
            f"themes/x/theme.yaml:1:1: There is no template “{name}.html”. Correct the name."
            in (wrong)
        )
    assert len(wrong) == 29


def test_a_site_has_its_own_value_of_a_token_or_the_themes(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "members/sapa/site.yaml": MEMBER_SETTINGS + 'tokens: {brand: "#123456"}\n',
    })  # fmt: skip
    net = load_network(root)
    theme = load_themes(net, Problems())["portal"]
    brands = [token_values(site, theme)["brand"] for site in net.sites]
    assert brands == ["#8c1d18", "#123456"]
