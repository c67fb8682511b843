"""Whatever happens to the sources: each address answers, and what was published stays."""

import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import MEMBER_SETTINGS, NOW, article, network, tree, write
from tests.register.readers import addresses, build_twice, register_of, unanswered

FULL = bool(os.environ.get("PORTALGEN_FAULTS"))
EXAMPLES, STEPS = (1000, 30) if FULL else (25, 12)
SITES = ("", "members/sapa/", "members/bacha/")
SECTIONS = ("tin-tuc", "y-te")
TAGS = ("Sa Pa", "sà pả", "lúa", "SaPa")
WORDS = ("lúa", "ngô", "chè", "quế", "hồ", "văn", "bản", "du", "lịch", "làng", "sạt", "lở")
PERMALINKS = ("", "permalink: /{year}/{slug}.html\n", "permalink: /bai/{slug}.html\n")
BROKEN = "---\ntitle: Hỏng\n"

pytestmark = pytest.mark.usefixtures("quick_themes")


class Text(NamedTuple):
    """What an article says; `number` and `version` tell its body from all others."""

    number: int
    version: int
    title: str
    day: int
    slug: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    is_draft: bool = False
    is_shared: bool = False
    is_broken: bool = False

    @property
    def token(self) -> str:
        return f"thân-{self.number}-{self.version}."

    def written(self) -> str:
        if self.is_broken:
            return BROKEN
        front: dict[str, object] = {"tags": list(self.tags), "aliases": list(self.aliases)}
        if self.slug:
            front["slug"] = self.slug
        if self.is_draft:
            front["draft"] = "true"
        if self.is_shared:
            front["syndicate"] = "true"
        body = f"Mở đầu.\n\nMột {self.token}"
        return article(self.title, f"2020-01-{self.day:02} 08:00", body, **front)


class World:
    """A network that is edited by chance, and what was seen of it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.root = network(folder, {"members/bacha/site.yaml": "title: Bắc Hà\n"})
        self.texts: dict[str, Text] = {}
        self.deleted: list[tuple[str, Text]] = []
        self.files: dict[str, str] = {}
        self.count = 0
        self.ever: set[str] = set()
        self.shown: dict[str, tuple[str, str]] = {}  # token and file by source, of the last build
        self.log: list[str] = []
        self.now = NOW

    def put(self, path: str, text: Text | None) -> None:
        self.log.append(f"{path} = {text}")
        if text is None:
            write(self.root, {path: None})
            self.texts.pop(path)
        else:
            write(self.root, {path: text.written()})
            self.texts[path] = text

    def edit(self, kind: str, seed: int) -> None:
        """Make one edit, if there is anything to edit so."""
        chance = random.Random(seed)
        paths = sorted(self.texts)
        path = chance.choice(paths) if paths else ""
        text = self.texts.get(path)
        if kind == "write":
            self.write_new(chance)
        elif kind == "restore" and self.deleted:
            old, text = self.deleted.pop(chance.randrange(len(self.deleted)))
            if old not in self.texts:
                self.put(old, text)
        elif kind == "settings":
            extra = chance.choice(PERMALINKS)
            self.log.append(f"sapa: {extra}")
            write(self.root, {"members/sapa/site.yaml": MEMBER_SETTINGS + extra})
        elif kind == "static":
            self.edit_file(chance)
        elif text and kind in ("rename", "move"):
            new = self.free_path(chance, path if kind == "rename" else "")
            self.put(path, None)
            self.put(new, text)
        elif text and kind == "delete":
            self.deleted.append((path, text))
            self.put(path, None)
        elif text and kind == "swap":
            other = chance.choice(paths)
            first, second = text, self.texts[other]
            if chance.randrange(2):  # their addresses
                slugs = [each.slug or Path(name).stem for name, each in
                         ((path, first), (other, second))]  # fmt: skip
                first, second = second._replace(slug=slugs[0]), first._replace(slug=slugs[1])
            self.put(path, second)
            self.put(other, first)
        elif text:
            self.put(path, self.changed(kind, text, chance))

    def write_new(self, chance: random.Random) -> None:
        self.count += 1
        title = " ".join(chance.choices(WORDS, k=2 if chance.randrange(4) else 1))
        text = Text(self.count, 0, title, chance.randint(1, 3), is_shared=not chance.randrange(3))
        if not chance.randrange(3):
            text = self.changed(chance.choice(["slug", "alias", "draft"]), text, chance)
        self.put(self.free_path(chance), text._replace(tags=tuple(chance.sample(TAGS, 2))))

    def free_path(self, chance: random.Random, beside: str = "") -> str:
        """A path of no article; some had one before."""
        while True:
            folder = beside.rpartition("/")[0]
            if not folder:
                folder = f"{chance.choice(SITES)}content/{chance.choice(SECTIONS)}"
            path = f"{folder}/bai-{chance.randrange(12)}.md"
            if path not in self.texts:
                return path

    def edit_file(self, chance: random.Random) -> None:
        name = (
            f"{chance.choice(SITES)}static/{chance.choice(['t.txt', 'T.txt', 'u.html', 'v.pdf'])}"
        )
        content = None if name in self.files else f"tệp {chance.randrange(9)}"
        self.log.append(f"{name} = {content}")
        write(self.root, {name: content})
        if content is None:
            del self.files[name]
        else:
            self.files[name] = content

    def changed(self, kind: str, text: Text, chance: random.Random) -> Text:
        """An article after an edit of one of its parts."""
        if kind == "body":
            return text._replace(version=text.version + 1)
        if kind == "title":
            return text._replace(title=chance.choice(WORDS))
        if kind == "broken":
            return text._replace(is_broken=not text.is_broken)
        if kind == "draft":
            return text._replace(is_draft=not text.is_draft)
        if kind == "slug":
            return text._replace(slug=chance.choice(["", "chung", "bai-1", "bai-2"]))
        if kind == "tags":
            return text._replace(tags=tuple(chance.sample(TAGS, chance.randrange(3))))
        some = ["/cu.html", "/tin-tuc/bai-1.html", "/tin-tuc/chung.html", "/t.txt", "/y-te/bai-2/"]
        return text._replace(aliases=tuple(chance.sample(some, chance.randrange(3))))

    def build(self) -> None:
        """Build, and compare what readers get with what they got."""
        self.now += 600
        self.log.append("build")
        report = build_twice(self.root, self.folder / "clean", now=self.now)
        files = tree(self.root / "public")
        self.ever |= addresses(files)
        assert unanswered(files, self.ever) == []
        refused = {item.path for item in report.refused if item.code != "alias-taken"}
        register = register_of(self.root)
        shown = {}
        for path, text in self.texts.items():
            before = self.shown.get(path)
            if text.is_broken or path in refused:
                if before:
                    token, name = shown[path] = before
                    assert token in files[name].decode(), f"{path} does not stay at {name}"
            elif not text.is_draft:
                slug = path.split("/")[1] if path.startswith("members/") else "main"
                name = f"{slug}/{register.sites[slug].by_source()[path].at}"
                assert text.token in files[name].decode(), f"{path} is not at {name}"
                shown[path] = text.token, name
        self.shown = shown


KINDS = (
    "write", "write", "write", "body", "title", "rename", "rename", "move", "move", "delete",
    "restore", "broken", "broken", "draft", "slug", "alias", "tags", "swap", "settings", "static",
)  # fmt: skip
edits = st.tuples(st.sampled_from(KINDS), st.integers(0, 9999))
histories = st.lists(st.lists(edits, min_size=1, max_size=4), min_size=1, max_size=STEPS)


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)  # fmt: skip
@given(histories)
def test_each_address_answers_whatever_happens_to_the_sources(
    history: list[list[tuple[str, int]]],
) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            for number in range(6):
                world.edit("write", number)
            world.build()
            for step in history:
                for kind, seed in step:
                    world.edit(kind, seed)
                world.build()
        except BaseException:
            print("\n".join(world.log))
            raise
