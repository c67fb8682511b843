from pathlib import Path

import pytest

from tests.helpers import (
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
