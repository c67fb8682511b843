from pathlib import Path

import pytest

from tests.helpers import (
    article,
    network,
    page,
    problems,
    run,
    tree,
    unlike_clean,
    write,
)

FILES = {
    "content/tin-tuc/mot.md": article("Một"),
    "members/sapa/content/tin-tuc/hai.md": article("Hai"),
}
AT = "members/sapa/templates/article.html"
OFF = "Các trang này dùng mẫu của giao diện; mẫu riêng chưa dùng được vì: "
REPAIR = "Hãy sửa hoặc xóa tệp này."

TWO = "Mẫu không dựng được 2 trang, chẳng hạn “tin-tuc/hai.html”: "
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
        f"{AT}: {TWO}TemplateLimitError: too many steps. "
        f"{REPAIR}",
    ),
    "text that doubles": (
        "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}"
        "{% set n.x = n.x ~ n.x %}{% endfor %}",
        f"{AT}: {TWO}TemplateLimitError: text too long. "
        f"{REPAIR}",
    ),
    "a way out of the sandbox": (
        "{{ ''.__class__.__mro__ }}",
        f"{AT}:1: {TWO}SecurityError: access to attribute "
        f"'__class__' of 'str' object is unsafe. {REPAIR}",
    ),
    "a name that does not exist": (
        "{{ khong_co }}",
        f"{AT}:1: {TWO}UndefinedError: 'khong_co' is "
        f"undefined. {REPAIR}",
    ),
}  # fmt: skip


def without_line(text: str) -> str:
    head, _, rest = text.partition(": ")
    return ":".join(head.split(":")[:1]) + ": " + rest


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_override_is_told_and_the_themes_own_template_serves(
    tmp_path: Path, case: str
) -> None:
    template, message = REFUSED[case]
    root = network(tmp_path, FILES)
    run(root)
    write(root, {
        AT: template, "members/sapa/content/tin-tuc/moi.md": article("Mới", "2020-01-11 08:00"),
    })  # fmt: skip
    place, _, why = message.partition(": ")
    expected = without_line(f"{place}: {OFF}{why}")
    assert expected in [without_line(item) for item in problems(run(root))]
    write(root, {AT: None})
    assert unlike_clean(root, tmp_path / "without the override") == []


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_override_is_told_in_each_build_which_writes_nothing(
    tmp_path: Path, case: str
) -> None:
    root = network(tmp_path, {**FILES, AT: REFUSED[case][0]})
    first = run(root)
    again = run(root)
    assert again.refused == first.refused
    assert {item.kept for item in again.refused} == {"override-off"}
    assert (again.files_written, again.files_removed) == (0, 0)
    assert unlike_clean(root, tmp_path / "clean") == []


def test_the_pages_that_an_override_can_render_keep_it(tmp_path: Path) -> None:
    override = (
        '{% extends "portal/article.html" %}{% block byline %}'
        "<p>Ở Sa Pa {{ 1 // (0 if article.title == 'Ba' else 1) }}</p>{% endblock %}"
    )
    root = network(tmp_path, {
        **FILES, AT: override, "members/sapa/content/tin-tuc/ba.md": article("Ba"),
    })  # fmt: skip
    [failure] = run(root).refused
    assert (failure.code, failure.site, failure.place()) == ("override-failed", "sapa", f"{AT}:1")
    assert "Ở Sa Pa 1" in page(root, "sapa/tin-tuc/hai.html")
    assert "Ở Sa Pa" not in page(root, "sapa/tin-tuc/ba.html")
    assert "10/01/2020" in page(root, "sapa/tin-tuc/ba.html")
    write(root, {"members/sapa/content/tin-tuc/hai.md": article("Hai mới")})
    report = run(root)
    assert report.refused == [failure]
    assert "Hai mới" in page(root, "sapa/tin-tuc/hai.html")
    assert unlike_clean(root, tmp_path / "clean") == []
    write(root, {AT: override.replace("0 if", "1 if")})
    assert run(root).refused == []
    assert "Ở Sa Pa 1" in page(root, "sapa/tin-tuc/ba.html")
    assert unlike_clean(root, tmp_path / "clean2") == []


def test_a_part_of_every_page_that_fails_costs_the_override_on_every_page(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, "members/sapa/templates/parts/footer.html": "{{ 1 // 0 }}"})
    report = run(root)
    assert {item.place() for item in report.refused} == {
        "members/sapa/templates/parts/footer.html:1"
    }
    assert "sapa/index.html" in tree(root / "public")
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_failure_is_told_at_the_line_of_the_override_that_leads_to_it(tmp_path: Path) -> None:
    override = '{% extends "portal/article.html" %}\n{% set article = 1 %}'
    root = network(tmp_path, {**FILES, AT: override})
    assert {item.path for item in run(root).refused} == {AT}


def test_two_processes_tell_the_same_of_overrides_as_one(tmp_path: Path) -> None:
    files = {f"members/xa-{n}/site.yaml": f"title: Xã {n}\n" for n in range(4)}
    files |= {f"members/xa-{n}/templates/404.html": "{{ khong_co }}" for n in range(4)}
    root = network(tmp_path, {**FILES, **files})
    refused = run(root, jobs=2).refused
    assert {item.site for item in refused} == {f"xa-{n}" for n in range(4)}
    assert run(root, tmp_path / "alone").refused == refused
    assert tree(root / "public") == tree(tmp_path / "alone")


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
