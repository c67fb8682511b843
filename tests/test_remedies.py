"""What a message proposes for an article or a settings file is accepted when it is written."""

import re
from pathlib import Path

import pytest

import portalgen
from portalgen.problems import PortalError, Problem, message_codes
from tests.helpers import MAIN_SETTINGS, article, network, picture, run, write

MESSAGES = Path(portalgen.__file__).parent / "messages"
PROPOSED = ("example", "near", "wanted", "first", "second", "right")
BERLIN = "timezone: Europe/Berlin"
TOPICS = "topics: [{slug: xuan, title: 'Đất nước, mùa xuân'}]"
FILES: dict[str, str | bytes | None] = {
    "content/y-te/b.md": article("Bài hai"), "content/tin-tuc/anh.jpg": picture(700, 400),
    "content/tin-tuc/bang.pdf": b"%PDF", "members/sapa/content/tin-tuc/c.md": article("C"),
}  # fmt: skip


def body(text: str) -> str:
    return article("A", body=f"Đầu.\n\n{text}")


def front(**keys: str) -> str:
    return article("A", "2020-01-10 16:46", "", **keys)


# By the code of the message: articles in which it is told, each with the text to be replaced.
ARTICLES: dict[str, list[tuple[str, str]]] = {
    "date-format": [
        (front(expires=typed), typed)
        for typed in (
            "20-11-2026 9.30", "2026-11-20 9h30", "9h30 ngày 20/11/2026", "20/11/2026, 9:30",
            "Thứ Sáu, ngày 20/11/2026, 09:30", "Nov 20 2026 3pm", "20.11.2026", "20261120",
            "1605866400", "20/11/2026 9:30:15", "2026/11/20", "11/2026",
            "l0/11/2026", "2O/11/2026", "20 thg 11, 2026", "[20/11/2026]",
        )
    ],
    "date-impossible": [
        (front(expires="30/2/2026 9h30"), "30/2/2026 9h30"),
        (front(expires="2026-20-11"), "2026-20-11"),
        (front(featured_until="2026-11-20 24:00"), "2026-11-20 24:00"),
    ],
    "date-skipped": [(front(expires="29/3/2026 2:30"), "29/3/2026 2:30")],
    "date-twice": [(front(expires="2026-10-25T02:30"), "2026-10-25T02:30")],
    "date-unclear": [(front(expires="20/11/26 9h"), "20/11/26 9h")],
    "date-unknown": [
        (front(updated="hôm qua"), "hôm qua"), (front(expires="không"), "không"),
        (front(expires="{{ date }}"), "{{ date }}"),
    ],
    "image-near": [
        *((body(f"![Ảnh]({name})"), f"({name})")
          for name in ("Anh.JPG", "anh.jpeg", "ảnh.jpg", "anh.png", "anh", "images/anh.jpg")),
        (front(image="Ảnh.jpg", image_alt="Ảnh"), "Ảnh.jpg"),
        (front(image="anh.jpg;", image_alt="Ảnh"), "anh.jpg;"),
    ],
    "image-on-disk": [
        *((body(f"![Ảnh]({name})"), f"({name})")
          for name in ("C:/Anh%20ca%20nhan/anh.jpg", "file:///D:/anh.jpg")),
        (front(image="D:\\Tin\\anh.jpg", image_alt="Ảnh"), "D:\\Tin\\anh.jpg"),
    ],
    "link-near": [
        *((body(f"[x]({name})"), f"({name})")
          for name in ("../y-te/B.md", "../y-te/b", "b.md", "../y-te/b.html", "/y-te/b", "BANG.pdf",
                       "băng.pdf", "portal:sa-pa/tin-tuc/c.md", "/tin-tuc", "../y-te/b/index.md")),
        (front(related="[Bài hai]"), "Bài hai"),
    ],
    "link-without-scheme": [
        (body(f"[x]({name})"), f"({name})")
        for name in ("a@b.vn", "//a.example/b", "www.a.vn", "a.example/b?c=d", "0912.345.678")
    ],
    "lost-embed": [
        (body(f'Xem (<{element}></iframe>)'), f'(<{element}></iframe>)')
        for element in (
            'iframe src="https://www.youtube.com/embed/a-b_c"', 'iframe src="bang.pdf"',
            'iframe src="//www.youtube-nocookie.com/embed/videoseries?list=PL1"',
        )
    ],
    "link-mistyped": [
        (body(f"[x]({name})"), f"({name})")
        for name in ("http:/a.vn", "https://a,vn/b", "https://a..vn", "https://https://a.vn",
                     "HTTP:///a.vn")
    ],
    "markup-shown": [
        (front(**{key: text}), text)
        for key, text in {
            "lead": "Lời **đậm** và <i>nghiêng</i>", "summary": "Một<br>hai", "caption": "A&nbsp;B",
            "source": "Theo [Báo A](https://a.vn)", "author": "<b>An</b> &amp; Bình",
        }.items()
    ],
    "text-not-list": [
        (front(tags=text), text)
        for text in ("a, b; c", "a; b", "[a; b]", "(a, b)", "'[a, b]'", "a, b]", "'a, b: c'")
    ],
    "topic-cut": [(front(topics="[Đất nước, mùa xuân]"), "[Đất nước, mùa xuân]")],
    "typed-link": [
        *((body(text), text) for text in (
            "[a] (../y-te/b.md)", "[a](https://a.vn", "[a][https://a.vn]", "(a)[https://a.vn]",
            "![a] (anh.jpg)", "!(a)[anh.jpg]",
        )),
    ],
    "wrong-alias": [
        (front(aliases=text), text)
        for text in ("a b", "/cu/bài.html", "https://x.vn/cu.html", "/a/../b.html", "cu\\bai.html")
    ],
    "slug-long": [(front(slug="a-" * 70 + "a"), "a-" * 70 + "a")],
    "unknown-key-near": [
        *((front(**{key: value}), f"{key}:")
          for key, value in {
              "sapo": "b", "ảnh": "anh.jpg", "thumbnail": "anh.jpg", "tác giả": "b",
              "từ khóa": "[b]", "categories": "[b]", "description": "b", "lastmod": "2020-01-11",
              "Author": "b",
          }.items()),
        ("---\ntiêu đề: A\ndate: 2020-01-10\n---\nChữ.\n", "tiêu đề:"),
        ("---\ntitle: A\nngày đăng: 10/1/2020\n---\nChữ.\n", "ngày đăng:"),
    ],
    "wrong-value": [
        (front(draft="không"), "không"), (front(featured="có"), "có"),
        (front(lead="[a, 'b: c']"), "[a, 'b: c']"), (front(source="{name: An}"), "{name: An}"),
        (front(tags="{x y, z}"), "{x y, z}"),
        (front(image="[anh.jpg]", image_alt="Ảnh"), "[anh.jpg]"),
    ],
    "yaml-line": [
        *((front(lead="Lời").replace("lead: Lời", line), line)
          for line in ("lead:Lời", "lead： Lời", "lead; Lời", "lead = Lời", "lead Lời",
                       "- lead: Lời", "tags: - a - b", "lead: *Lời*")),
    ],
    "yaml-sign": [
        *((front(lead="Lời").replace("lead: Lời", line), line)
          for line in ("lead: \"Lời\" nói", "lead: 'It's'", "lead: @a", "lead: [a] (b)", "lead: %a",
                       "tags: [a, b", "tags: [a,, b]", "tags: [#a, #b]", "lead: [Tin] mới")),
    ],
    "wrong-slug": [(front(slug=slug), slug) for slug in ("Bài Mới", "con", "a_b")],
}  # fmt: skip
SETTINGS: dict[str, list[tuple[str, str]]] = {
    "date-format": [("front: {until: 20-11-2026 9h}", "20-11-2026 9h")],
    "date-skipped": [(f"{BERLIN}\nfront: {{until: 2026-03-29 02:30}}", "2026-03-29 02:30")],
    "wrong-url-near": [
        (f"menu: [{{title: A, url: '{url}'}}]", f"'{url}'")
        for url in ("tin-tuc/", "./lien-he.html", "www.a.vn", "a@b.vn", "//a.vn/b", "02143 840 888")
    ],
    "unknown-key-near": [("múi giờ: Asia/Tokyo", "múi giờ:")],
    "wrong-host": [
        (f"known_hosts: ['{typed}']", typed)
        for typed in ("https://Gov.vn/a", "*gov.vn", "gov,vn", "một.vn")
    ],
    "wrong-slug": [("kind: Thị xã", "Thị xã")],
}
# Of lists of members, redirects, commands and themes, of a part of a line, or without a text to be
# written instead.
ELSEWHERE = {
    "article-outside", "article-suffix", "explain-unknown-near", "image-document",
    "letters-misread", "list-cells",
    "list-head", "list-slug", "list-twice", "no-section-near", "no-slug", "old-encoding",
    "redirect-head", "redirect-twice", "table-no-line", "unknown-key-twice", "unknown-section-near",
    "unknown-site-near", "unknown-theme-near", "unknown-token-near", "wrong-base-url",
}  # fmt: skip


def test_every_message_that_proposes_something_has_a_case() -> None:
    proposing = {
        code for code in message_codes("en")
        if any(f"{{{key}}}" in raw("en", code) for key in PROPOSED)
    }  # fmt: skip
    assert proposing == ARTICLES.keys() | SETTINGS.keys() | ELSEWHERE


def raw(language: str, code: str) -> str:
    """A message with its places."""
    text = (MESSAGES / f"{language}.yaml").read_text("utf-8")
    match = re.search(rf"^{code}: (.*)$", text, re.MULTILINE)
    return match[1] if match else ""


def said(root: Path) -> list[Problem]:
    """All that a build says of the sources."""
    try:
        report = run(root)
    except PortalError as error:
        return error.problems
    return [*report.refused, *report.warnings]


def proposals(problem: Problem) -> list[str]:
    """What may be written instead."""
    places = [key for key in PROPOSED if f"{{{key}}}" in raw("en", problem.code)]
    return [dict(problem.values)[key] for key in places]


def with_proposal(code: str, text: str, typed: str, proposal: str) -> str:
    """The text with the proposal, between the signs that are around what it replaces."""
    if code in ("text-not-list", "topic-cut"):
        proposal = f"[{proposal}]"
    elif typed.startswith(("(", "'")) and code != "typed-link":
        proposal = typed[0] + proposal + typed[-1]
    return text.replace(typed, f"{proposal}:" if typed.endswith(":") else proposal)


@pytest.mark.parametrize("code", ARTICLES)
@pytest.mark.usefixtures("quick_themes")
def test_what_is_proposed_for_an_article_is_accepted(tmp_path: Path, code: str) -> None:
    zone = f"{BERLIN}\n" if code in ("date-skipped", "date-twice") else f"{TOPICS}\n"
    cases = {f"content/tin-tuc/a{n}.md": case for n, case in enumerate(ARTICLES[code])}
    texts = {name: text.replace("title: A", f"title: {name}") for name, (text, _) in cases.items()}
    root = network(tmp_path, {**FILES, "site.yaml": MAIN_SETTINGS + zone, **texts})
    problems = {item.path: proposals(item) for item in said(root) if item.code == code}
    assert problems.keys() == cases.keys()
    for number in range(len(next(iter(problems.values())))):
        write(root, {
            name: with_proposal(code, texts[name], typed, problems[name][number])
            for name, (_, typed) in cases.items()
        })  # fmt: skip
        assert said(root) == []


@pytest.mark.parametrize(
    ("code", "text", "typed"),
    [(code, *case) for code, cases in SETTINGS.items() for case in cases],
)
@pytest.mark.usefixtures("quick_themes")
def test_what_is_proposed_for_settings_is_accepted(
    tmp_path: Path, code: str, text: str, typed: str
) -> None:
    root = network(tmp_path, {"site.yaml": f"{MAIN_SETTINGS}{text}\n"})
    [problem] = said(root)
    assert problem.code == code
    for proposal in proposals(problem):
        write(root, {"site.yaml": f"{MAIN_SETTINGS}{with_proposal(code, text, typed, proposal)}\n"})
        assert said(root) == []
