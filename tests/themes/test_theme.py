from pathlib import Path

import pytest

from portalgen.problems import PortalError
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
    ("settings", "message"),
    [
        ("theme: portl\n",
         "members/sapa/site.yaml:4:8: Không có giao diện “portl”. Có phải “portal”?"),
        ("tokens: {brnd: red}\n",
         "members/sapa/site.yaml:4:16: Giao diện không có token “brnd”. Có phải “brand”?"),
        ('tokens: {brand: "red;}"}\n',
         "members/sapa/site.yaml:4:17: Giá trị “red;}” của token “brand” không thuộc loại color."),
    ],
)  # fmt: skip
def test_unknown_themes_and_tokens_are_refused_before_anything_is_touched(
    tmp_path: Path, settings: str, message: str
) -> None:
    root = network(tmp_path, {**FILES, "members/sapa/site.yaml": MEMBER_SETTINGS + settings})
    with pytest.raises(PortalError) as caught:
        run(root)
    assert [p.describe("vi") for p in caught.value.problems] == [message]
    assert not (root / "public").exists()


GOOD = {"content/tin-tuc/tot.md": article("Tốt")}


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
        run(network(tmp_path, {**GOOD, **files, **settings}))
    assert any(p.describe("vi").startswith(message) for p in caught.value.problems)
