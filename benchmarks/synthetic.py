"""A synthetic network: `python -m benchmarks.synthetic DIR --sites 48 --articles N`."""

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from pathlib import Path
from random import Random

from benchmarks import words
from portalgen.text import slugify

NOW = "2020-01-15 08:00"
ZONE = timezone(timedelta(hours=7))
_NOW = datetime(2020, 1, 15, 8, 0, tzinfo=ZONE)
_DAYS = 3 * 365
_VOCABULARY = 2000
BODY_BYTES = 2500
MAIN = "main"
SECTIONS = (
    "Thời sự", "Kinh tế", "Nông nghiệp - Nông thôn", "Văn hóa - Du lịch", "Giáo dục", "Y tế",
    "Cải cách hành chính", "Phổ biến pháp luật",
)  # fmt: skip
LINK = re.compile(r"Xem thêm \[bài trước\]\(([\w-]+)\.md\)\.")  # to an article of the same section
RELATED = ("Tin liên quan", "Tin cùng chuyên mục")


@dataclass(frozen=True, slots=True)
class Portal:
    """One site of the network."""

    slug: str
    title: str
    short_title: str
    description: str
    base_url: str
    address: str


@dataclass(frozen=True, slots=True)
class Text:
    """One article; `name` is its file name without `.md`."""

    site: str
    section: str
    name: str
    title: str
    date: datetime
    lead: str
    author: str
    tags: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Invented:
    """A whole network."""

    portals: tuple[Portal, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Story:
    """What the articles about one event share."""

    names: tuple[str, ...]
    keys: tuple[str, ...]
    tags: tuple[str, ...]
    date: datetime


def section_slugs() -> dict[str, str]:
    """The slug and title of every section."""
    return {slugify(title): title for title in SECTIONS}


def generate(sites: int, articles: int, seed: int = 1, body: int = BODY_BYTES) -> Invented:
    """A network with these numbers of sites and articles; the same seed gives the same network.

    `body` is the approximate length of an article's text in bytes.
    """
    rng = Random(seed)
    portals = tuple(_portals(sites))
    return Invented(portals, tuple(_Writer(rng, portals, articles, body).all()))


def _portals(sites: int) -> list[Portal]:
    portals = [
        Portal(
            MAIN, "Cổng Thông tin điện tử tỉnh Mây Ngàn", "Mây Ngàn",
            "Tin tức, hướng dẫn thủ tục và kiến thức đời sống của một tỉnh vùng cao.",
            "https://mayngan.example/", "Phường Trung tâm, tỉnh Mây Ngàn",
        )
    ]  # fmt: skip
    for name in words.places(sites - 1):
        slug = slugify(name)
        portals.append(
            Portal(
                slug, f"Ủy ban nhân dân xã {name}", f"Xã {name}",
                f"Thông tin về chỉ đạo điều hành và đời sống của xã {name}.",
                f"https://{slug}.mayngan.example/", f"Xã {name}, tỉnh Mây Ngàn",
            )
        )  # fmt: skip
    return portals


class _Writer:
    """Writes the articles; all randomness comes from `rng`."""

    def __init__(self, rng: Random, portals: tuple[Portal, ...], articles: int, body: int):
        self.rng = rng
        self.articles = articles
        self.body = body
        self.main, self.members = portals[0].slug, [portal.slug for portal in portals[1:]]
        self.sections = list(section_slugs())
        self.vocabulary = words.vocabulary(rng, _VOCABULARY)
        self.weights = list(accumulate(1 / (rank + 12) for rank in range(_VOCABULARY)))
        self.places = words.places(160)
        self.tags = self._tags(max(8, articles // 20))
        self.tag_weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.tags))))
        self.written: dict[tuple[str, str], list[str]] = {}

    def all(self) -> list[Text]:
        texts: list[Text] = []
        while len(texts) < self.articles:
            story = self._story()
            for _ in range(min(self.rng.randint(3, 8), self.articles - len(texts))):
                texts.append(self._text(story, len(texts)))
        return texts

    def _tags(self, count: int) -> list[str]:
        tags: dict[str, str] = {}
        while len(tags) < count:
            tag = " ".join(self.rng.sample(self.vocabulary, self.rng.randint(1, 2)))
            tags.setdefault(slugify(tag), tag)
        return list(tags.values())

    def _some_tags(self, count: int) -> list[str]:
        return self.rng.choices(self.tags, cum_weights=self.tag_weights, k=count)

    def _story(self) -> _Story:
        rng = self.rng
        names = (rng.choice(self.places), words.person(rng), words.person(rng))
        keys = tuple(rng.sample(self.vocabulary[100:], 6))
        date = _NOW - timedelta(minutes=rng.randint(60, (_DAYS - 14) * 24 * 60))
        return _Story(names, keys, tuple(self._some_tags(2)), date)

    def _text(self, story: _Story, number: int) -> Text:
        rng = self.rng
        in_main = not self.members or rng.random() < 1 / 8
        site = self.main if in_main else rng.choice(self.members)
        section = rng.choice(self.sections)
        before = self.written.setdefault((site, section), [])
        title = self._title(story)
        date = max(story.date - timedelta(minutes=rng.randint(0, 14 * 24 * 60)), _earliest())
        name = f"{'-'.join(slugify(title).split('-')[:8])}-{number:06}"
        tags = tuple(dict.fromkeys([*story.tags, *self._some_tags(rng.randint(1, 2))]))
        text = Text(
            site, section, name, title, date, self._sentence(story), words.person(rng), tags,
            self._body(story, before),
        )  # fmt: skip
        before.append(name)
        return text

    def _title(self, story: _Story) -> str:
        rng = self.rng
        middle = " ".join([*rng.sample(story.keys, 2), *self._common(1)])
        return f"{rng.choice(words.VERBS)} {middle} tại {story.names[0]}"

    def _common(self, count: int) -> list[str]:
        return self.rng.choices(self.vocabulary, cum_weights=self.weights, k=count)

    def _sentence(self, story: _Story) -> str:
        rng = self.rng
        parts = self._common(rng.randint(7, 12))
        for at in range(2, len(parts), 3):
            parts[at] = f"{rng.choice(words.LINKING)} {parts[at]}"
        if rng.random() < 0.45:
            parts.insert(rng.randint(1, 4), rng.choice(story.keys))
        if rng.random() < 0.3:
            parts.insert(rng.randint(1, 4), rng.choice(story.names))
        if rng.random() < 0.3:
            parts[3] += ","
        text = " ".join(parts)
        return f"{text[0].upper()}{text[1:]}."

    def _body(self, story: _Story, before: list[str]) -> str:
        rng = self.rng
        parts: list[str] = []
        size = 0
        length = rng.randint(self.body * 7 // 10, self.body * 13 // 10)
        extras = self._extras(story, before)
        while size < length:
            if parts and extras and rng.random() < 0.5:
                part = extras.pop()
            else:
                part = " ".join(self._sentence(story) for _ in range(rng.randint(3, 5)))
                if rng.random() < 0.2:
                    sentence = self._sentence(story)
                    part += (
                        f" Theo **{rng.choice(story.names)}**, {sentence[0].lower()}{sentence[1:]}"
                    )
            parts.append(part)
            size += len(part.encode()) + 2
        return "\n\n".join(parts)

    def _extras(self, story: _Story, before: list[str]) -> list[str]:
        """Parts of an article besides plain paragraphs: a heading, a list, links."""
        rng = self.rng
        makers: list[tuple[float, Callable[[], str]]] = [
            (0.4, lambda: "## " + self._sentence(story)[:60].rstrip(" .,")),
            (0.3, lambda: "\n".join(f"- {self._sentence(story)}" for _ in range(3))),
            (0.2, lambda: f"Xem [văn bản](https://vanban.example/{rng.randint(1, 9999)})."),
        ]
        if before:
            target = rng.choice(before)
            makers.append((0.2, lambda: f"Xem thêm [bài trước]({target}.md)."))
        extras = [maker() for share, maker in makers if rng.random() < share]
        rng.shuffle(extras)
        return extras


def _earliest() -> datetime:
    return _NOW - timedelta(days=_DAYS)


def folder(root: Path, site: str) -> Path:
    """The folder of a site."""
    return root if site == MAIN else root / "members" / site


def write(network: Invented, root: Path) -> None:
    """Write the network as portalgen reads it."""
    for portal in network.portals:
        base = folder(root, portal.slug)
        base.mkdir(parents=True, exist_ok=True)
        settings = _main_settings(portal) if portal.slug == MAIN else _settings(portal)
        (base / "site.yaml").write_text(settings, "utf-8")
    for text in network.texts:
        file = folder(root, text.site) / "content" / text.section / f"{text.name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source(text), "utf-8")


def source(text: Text) -> str:
    """The Markdown file of an article."""
    return (
        f"---\ntitle: {text.title}\ndate: {text.date:%Y-%m-%d %H:%M}\nlead: {text.lead}\n"
        f"author: {text.author}\ntags: {_list(text.tags)}\n---\n{text.body}\n"
    )


def _list(values: tuple[str, ...]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _settings(portal: Portal) -> str:
    return (
        f"title: {portal.title}\nshort_title: {portal.short_title}\n"
        f"description: {portal.description}\ncontact:\n  address: {portal.address}\n"
    )


def _main_settings(portal: Portal) -> str:
    listed = "".join(f"  - {{slug: {s}, title: {t}}}\n" for s, t in section_slugs().items())
    return (
        f"{_settings(portal)}base_url: {portal.base_url}\nsections:\n{listed}related:\n"
        f"  - {{title: {RELATED[0]}, by: similarity, scope: network, limit: 5}}\n"
        f"  - {{title: {RELATED[1]}, by: section, limit: 6}}\n"
        "kinds:\n  - {slug: xa, title: Xã}\nknown_hosts: [vanban.example]\n"
        'members:\n  defaults:\n    kind: xa\n    base_url: "https://{slug}.mayngan.example/"\n'
    )


def arguments(description: str) -> argparse.ArgumentParser:
    """The options shared by all writers of a network."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--sites", type=int, default=48)
    parser.add_argument("--articles", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--body", type=int, default=BODY_BYTES, help="length of a text in bytes")
    return parser


def main() -> None:
    """Write the network given on the command line."""
    options = arguments("Write a synthetic network of portals.").parse_args()
    write(generate(options.sites, options.articles, options.seed, options.body), options.folder)


if __name__ == "__main__":
    main()
