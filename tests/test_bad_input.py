import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commands.calm import stays_calm
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, article, network, picture, write

AT = "content/tin-tuc/"
THEME = Path(__file__).resolve().parents[1] / "themes" / "portal"
Files = dict[str, str | bytes | None]


ARTICLE = article(
    "Một", lead="Sapo", tags="[a, b]", aliases="[/cu-0.html]", related="[hai.md]",
    updated="2020-01-11", slug="mot-0", image="a.jpg",
    body="Đầu *a*.\n\n## Mục\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    '[x](hai.md) ![a](a.jpg "c")[^1]\n\n'
    "[^1]: g\n\n- a\n    - b\n\n> t\n\n```py\nx\n```\n<b>x</b>",
).encode()  # fmt: skip
SETTINGS = (
    MAIN_SETTINGS + "tokens: {brand: '#112233'}\nfeeds: {limit: 3}\nlanguage: vi\n"
    "permalink: /{section}/{slug}.html\nmenu: [{title: A, url: /a}]\ncontact: {phone: 1}\n"
).encode()
PIECES = [
    b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!x ", b"<<: ", b"- ", b": ", b"\n", b"\n---\n", b"...",
    b"\t", b"\0", b"\xff", b"\xef\xbb\xbf", b"'", b'"', b"#", b"|", b">", b"%", b"@", b"`", b"{{",
    b"}}", b"{%", b"%}", b"\r", b"\x07", b"~", b"null", b"9" * 30, b"-1", "\u2028\x85".encode(),
    b"\xed\xa0\x80", b"../", b"/", b"\\", b"portal:", b"](", b"![", b"<", b"&#1;", b"\xee\x80\x80",
    b"date: ", b"title: ", b"\n  ", b"http://[", b"//", b"\\x00", b"\\ud800", b"{{ x", b"{% if",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, source: bytes) -> bytes:
    """The source with some bytes inserted, deleted, doubled or changed, or all other bytes."""
    if draw(st.integers(0, 19)) == 0:
        return draw(st.binary(max_size=60))
    data = bytearray(source)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            data[at:at] = draw(st.sampled_from(PIECES))
        elif kind == 1:
            del data[at : at + draw(st.integers(1, 12))]
        elif kind == 2:
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=3))
        elif kind == 3:
            start = draw(st.integers(0, len(data)))
            data[at:at] = data[start : start + draw(st.integers(1, 40))]
        else:
            data[at : at + draw(st.integers(1, 5))] = draw(st.sampled_from(PIECES))
    return bytes(data)


CALM = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)  # fmt: skip


@settings(CALM, max_examples=8)
@given(st.lists(mutated(ARTICLE), min_size=12, max_size=12), st.sampled_from(["build", "check"]))
def test_articles_of_any_bytes_cost_at_most_themselves(sources: list[bytes], command: str) -> None:
    with TemporaryDirectory() as folder:
        files: Files = {f"{AT}hai.md": article("Hai"), f"{AT}a.jpg": picture(9, 9)}
        for number, source in enumerate(sources):
            own = source.replace(b"mot-0", b"mot-%d" % number).replace(b"cu-0", b"cu-%d" % number)
            files[f"{AT}{number}.md"] = own
        root = network(Path(folder), files)
        result = stays_calm(root, command)
        assert result.exit_code in (0, 3)
        if command == "build":
            assert (root / "public/main/tin-tuc/hai.html").is_file()
            published = {file.stem for file in (root / "public/main/tin-tuc").glob("*.html")}
            refused = {line.split(":")[0] for line in result.stderr.splitlines()}
            assert len(published - {"index", "hai"}) + len(refused) >= len(sources)


@settings(CALM, max_examples=60)
@given(mutated(SETTINGS), st.one_of(st.just(MEMBER_SETTINGS.encode()),
                                    mutated(MEMBER_SETTINGS.encode())))  # fmt: skip
def test_settings_of_any_bytes_are_built_or_refused(main_file: bytes, member_file: bytes) -> None:
    with TemporaryDirectory() as folder:
        files: Files = {"site.yaml": main_file, "members/sapa/site.yaml": member_file}
        root = network(Path(folder), files)
        result = stays_calm(root, "check")
        assert not (root / "public").exists()
        if result.exit_code == 1:
            assert all(
                line.startswith(("site.yaml", "members/sapa", "Chưa xuất bản", "Nothing"))
                for line in result.stderr.splitlines()
            )


THEME_FILES = sorted(
    file.relative_to(THEME).as_posix()
    for file in THEME.rglob("*")
    if file.suffix in (".html", ".yaml")
)


@settings(CALM, max_examples=10)
@given(st.data())
def test_themes_of_any_bytes_are_built_or_refused(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        root = network(Path(folder), {f"{AT}mot.md": article("Một")})
        name = data.draw(st.sampled_from(THEME_FILES))
        changed = data.draw(mutated((THEME / name).read_bytes()))
        if data.draw(st.booleans()) and name.startswith("templates/"):
            write(root, {f"members/sapa/{name}": changed})
            assert stays_calm(root, "build").exit_code in (0, 3)
            assert (root / "public/main/tin-tuc/mot.html").is_file()
        else:
            shutil.copytree(THEME, root / "themes/portal")
            write(root, {f"themes/portal/{name}": changed})
            stays_calm(root, "build")
