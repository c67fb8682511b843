from pathlib import Path
from typing import Any

import jinja2
import pytest

from portalgen.problems import PortalError
from portalgen.themes.parse import parse
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    article,
    network,
    page,
    problems,
    run,
    tree,
    write,
)

FILES = {
    "content/tin-tuc/mot.md": article("Một"),
    "members/sapa/content/tin-tuc/hai.md": article("Hai"),
}
AT = "members/sapa/templates/article.html"
KEEPS = "Trang web này giữ bản đã xuất bản."

REFUSED = {
    "a dynamic include": (
        '{% extends "portal/article.html" %}\n'
        "{% block byline %}{% include site.kind %}{% endblock %}",
        f"{AT}:2: Tên trong include, extends, import, t[…] và assets[…] phải viết thẳng trong dấu "
        "ngoặc kép.",
    ),
    "a macro that counts": (
        "{% set n = namespace(i=0) %}{% macro x() %}{% set n.i = n.i + 1 %}{% endmacro %}{{ x() }}",
        f"{AT}:1: Macro không được đổi “n” đặt ở ngoài nó: kết quả chỉ được phụ thuộc vào tham "
        "số. Hãy đặt namespace trong macro.",
    ),
    "a file outside": (
        '{% include "/etc/passwd" %}', f"{AT}:1: Không có mẫu “/etc/passwd”. Hãy sửa tên.",
    ),
    "a path that climbs": (
        '{% include "../../../../etc/passwd" %}',
        f"{AT}:1: Không có mẫu “../../../../etc/passwd”. Hãy sửa tên.",
    ),
    "a block that does not exist": (
        '{% extends "portal/article.html" %}\n\n{% block khong_co %}x{% endblock %}',
        f"{AT}:3: Khối “khong_co” không có trong mẫu được kế thừa. Hãy sửa tên khối.",
    ),
    "a string that does not exist": (
        "{{ t.khong_co }}",
        f"{AT}:1: Giao diện không có câu “khong_co”. Hãy thêm vào strings/vi.yaml và "
        "strings/en.yaml.",
    ),
    "an endless loop": (
        "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        f"{AT}: Mẫu không dựng được trang “tin-tuc/hai.html”: TemplateLimitError: too many steps. "
        f"{KEEPS}",
    ),
    "text that doubles": (
        "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}"
        "{% set n.x = n.x ~ n.x %}{% endfor %}",
        f"{AT}: Mẫu không dựng được trang “tin-tuc/hai.html”: TemplateLimitError: text too long. "
        f"{KEEPS}",
    ),
    "a way out of the sandbox": (
        "{{ ''.__class__.__mro__ }}",
        f"{AT}:1: Mẫu không dựng được trang “tin-tuc/hai.html”: SecurityError: access to attribute "
        f"'__class__' of 'str' object is unsafe. {KEEPS}",
    ),
    "a name that does not exist": (
        "{{ khong_co }}",
        f"{AT}:1: Mẫu không dựng được trang “tin-tuc/hai.html”: UndefinedError: 'khong_co' is "
        f"undefined. {KEEPS}",
    ),
}  # fmt: skip


def without_line(text: str) -> str:
    head, _, rest = text.partition(": ")
    return ":".join(head.split(":")[:1]) + ": " + rest


@pytest.mark.parametrize("case", REFUSED)
def test_a_members_bad_template_costs_its_own_site_alone(tmp_path: Path, case: str) -> None:
    template, message = REFUSED[case]
    root = network(tmp_path, FILES)
    run(root)
    before = tree(root / "public")
    write(root, {AT: template, "content/tin-tuc/moi.md": article("Mới", "2020-01-11 08:00")})
    found = problems(run(root))
    assert [without_line(item) for item in found] == [without_line(message)]
    after = tree(root / "public")
    assert {k: v for k, v in after.items() if k.startswith("sapa/")} == {
        k: v for k, v in before.items() if k.startswith("sapa/")
    }
    assert "main/tin-tuc/moi.html" in after


def test_an_override_extends_what_it_overrides_by_the_layers_name(tmp_path: Path) -> None:
    override = (
        '{% extends "portal/article.html" %}'
        "{% block byline %}<p>Ở Sa Pa</p>{{ super() }}{% endblock %}"
    )
    root = network(tmp_path, {**FILES, AT: override})
    assert problems(run(root)) == []
    assert "<p>Ở Sa Pa</p>" in page(root, "sapa/tin-tuc/hai.html")
    assert "10/01/2020" in page(root, "sapa/tin-tuc/hai.html")
    assert "Ở Sa Pa" not in page(root, "main/tin-tuc/mot.html")


def test_an_override_of_nothing_is_refused(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, "members/sapa/templates/artcle.html": "x"})
    assert problems(run(root)) == [
        "members/sapa/templates/artcle.html:1: Giao diện không có mẫu “artcle.html” để thay. "
        "Hãy sửa tên tệp hoặc xóa nó."
    ]


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


def test_a_theme_is_compiled_once_however_many_members_change_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    real = jinja2.Environment.compile

    def compile(self: jinja2.Environment, source: Any, *names: Any) -> Any:
        compiled.append(names[0])
        return real(self, source, *names)

    monkeypatch.setattr(jinja2.Environment, "compile", compile)
    counts = []
    for members in (1, 4):
        files = {}
        for number in range(members):
            files[f"members/xa-{number}/site.yaml"] = MEMBER_SETTINGS
            files[f"members/xa-{number}/templates/article.html"] = (
                '{% extends "portal/article.html" %}{% block after_body %}'
                f"<p>Riêng {number}</p>{{% endblock %}}"
            )
            files[f"members/xa-{number}/content/tin-tuc/a.md"] = article("Một")
        root = network(tmp_path / str(members), files)
        compiled.clear()
        parse.cache_clear()
        run(root)
        counts.append(len(compiled))
        for number in range(members):
            assert f"<p>Riêng {number}</p>" in page(root, f"xa-{number}/tin-tuc/a.html")
    assert counts[1] - counts[0] == 3  # only their own


def test_a_macro_tells_equal_arguments_of_other_kinds_apart(tmp_path: Path) -> None:
    def override(name: str, *values: str) -> str:
        calls = " ".join(f"{{{{ say({value}) }}}}" for value in values)
        return (
            f'{{% extends "portal/{name}" %}}{{% from "say.html" import say %}}'
            f"{{% block content %}}{calls}{{% endblock %}}"
        )

    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("Cổng tỉnh", "Sở A & B") + "theme: rieng\n",
        "themes/rieng/theme.yaml": "name: rieng\nextends: portal\n",
        "themes/rieng/templates/say.html": "{% macro say(value) %}[{{ value }}]{% endmacro %}",
        "themes/rieng/templates/home.html": override("home.html", "site.title", "1", "true"),
        "themes/rieng/templates/404.html": override("404.html", "true", "1", "site.title|safe"),
    })  # fmt: skip
    run(root)
    assert "[Sở A &amp; B] [1] [True]" in page(root, "main/index.html")
    assert "[True] [1] [Sở A & B]" in page(root, "main/404.html")


def test_what_a_page_may_take_does_not_depend_on_the_pages_before(tmp_path: Path) -> None:
    def calls(name: str, block: str, times: int) -> str:
        made = "".join(f"{{{{ slow({n}) }}}}" for n in range(times))
        return (
            f'{{% extends "portal/{name}" %}}{{% from "components/hub.html" import slow %}}'
            f"{{% block {block} %}}{made}{{% endblock %}}"
        )

    root = network(tmp_path, {
        "members/sapa/templates/components/hub.html": (
            "{% macro hub(item) %}{% endmacro %}"
            "{% macro slow(n) %}{% for i in range(45000) %}{% endfor %}{{ n }}{% endmacro %}"
        ),
        "members/sapa/templates/home.html": calls("home.html", "network", 3),
    })  # fmt: skip
    assert run(root).refused == []
    # Five times is too much, also after a page that used three of them.
    section = calls("section.html", "content", 5)
    write(root, {"members/sapa/templates/section.html": section})
    (root / "public/sapa/index.html").unlink()
    refused = [(item.code, dict(item.values)["page"]) for item in run(root).refused]
    assert refused == [("template-failed", f"{name}/index.html") for name in ("tin-tuc", "y-te")]
