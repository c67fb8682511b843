"""How many real texts come out with another structure than CommonMark and GFM give them.

    python -m benchmarks.dialect FOLDER... [--jobs N] [--examples]

The bodies of all Markdown files below the folders are converted by portalgen, and by a reference
implementation (`structure.py` says what is not compared). Printed are the shares of texts of which
something is silently different, that is without a warning at a line of it: of all, and by the kind
of difference with the shortest example of each; of texts that show code of another generator; and
of texts that lose pictures, films or sound.
"""

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

from msgspec import json

from benchmarks import kinds
from benchmarks.short_way import body
from benchmarks.structure import reference, reference_html, structure
from portalgen.content.beside import Stores
from portalgen.content.markdown import Converter
from portalgen.content.read import Shared, Source, read_article
from portalgen.settings.network import load_network

_FRONT = "---\ntitle: A\ndate: 2020-01-10\nlead: A\n---\n"
_FRONT_LINES = _FRONT.count("\n")
SETTINGS = """\
title: A
short_title: A
base_url: https://a.example/
sections: [{slug: tin-tuc, title: Tin}]
"""
_MOST_DIFFERENCES = 8  # looked for in one text
_MOST_TRIED = 500_000  # characters converted to shorten the examples of one text
# Of files that were not copied with the texts, not of what is written.
_OF_FILES = ("link-", "image-", "alt-", "attachment-", "picture-", "media-")
_MARKDOWN = {".md", ".markdown"}
_MEDIA = re.compile(r"<(img|iframe|video|audio|embed|object|svg)\b", re.IGNORECASE)
_CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)
_COUNTED_ELSEWHERE = {kinds.FOREIGN, kinds.MEDIA}


class Difference(NamedTuple):
    """A part of a text that comes out otherwise."""

    kind: str
    example: str
    is_silent: bool


class Look(NamedTuple):
    """What is wrong with one text."""

    differences: list[Difference]
    foreign: bool
    lost: bool
    refused: tuple[str, ...]  # codes of what refused it


_converter = Converter()


def ours(text: str) -> list[str]:
    """The structure of what portalgen makes of a text."""
    return structure(_converter.convert(text)[0])


def differs(text: str) -> bool:
    return ours(text) != reference(text)


_Lines = list[tuple[int, str]]


def units(text: str) -> list[_Lines]:
    """The lines of a text with their numbers; those of fenced code are together."""
    parts: list[_Lines] = []
    fence = ""
    for number, line in enumerate(text.split("\n")):
        sign = kinds.FENCE.match(line)
        if fence:
            parts[-1].append((number, line))
            fence = "" if line.strip(" \t>").startswith(fence) else fence
        else:
            parts.append([(number, line)])
            fence = sign[2] if sign else ""
    return parts


def _text(parts: list[_Lines]) -> str:
    return "\n".join(line for part in parts for _, line in part)


def shortened(parts: list[_Lines], is_same: Callable[[str], bool]) -> list[_Lines]:
    """As few of these parts as `is_same` still holds of."""
    size = max(1, len(parts) // 2)
    while True:
        number = 0
        while number < len(parts) and len(parts) > 1:
            fewer = parts[:number] + parts[number + size :]
            if fewer and is_same(_text(fewer)):
                parts = fewer
            else:
                number += size
        if size == 1:
            return parts
        size = max(1, size // 2)


def differences(text: str, warned: set[int]) -> list[Difference]:
    """The differences in a text, each with a short example; `warned`: lines with a warning, from 0.

    A part with a difference is taken out and the rest compared again.
    """
    budget = _MOST_TRIED
    parts = units(text)
    result: list[Difference] = []
    while len(result) < _MOST_DIFFERENCES and budget > 0:
        whole = _text(parts)
        wanted = kinds.first_difference(ours(whole), reference(whole))
        if wanted is None:
            break

        def is_same(fewer: str, wanted: tuple[str, str] = wanted) -> bool:
            nonlocal budget
            budget -= len(fewer)
            return budget > 0 and kinds.first_difference(ours(fewer), reference(fewer)) == wanted

        few = shortened(parts, is_same)
        example = _text(few)
        numbers = {number for part in few for number, _ in part}
        kind = kinds.kind_of(example, ours(example), reference(example))
        result.append(Difference(kind, example, not numbers & warned))
        parts = [part for part in parts if part[0][0] not in numbers]
    return result


def look_at(job: tuple[int, str, str]) -> Look:
    """Convert the text of a file, and read it as an article of a network in a folder of its own."""
    number, file, folder = job
    text = body(Path(file).read_text("utf-8", "replace").lstrip("\n"))
    root = Path(folder)
    source = root / "content/tin-tuc" / f"{number}.md"
    source.write_text(_FRONT + text, "utf-8")
    network = load_network(root)
    path = str(source.relative_to(root))
    article = Source(network.main, path, f"tin-tuc/{source.name}", "tin-tuc")
    stores = Stores(network.state / "media")
    read = read_article(Shared(network, [article], {network.main.slug: ""}, stores, {}), 0)
    notes = json.decode(read.notes)[0] if read.notes else []
    warnings = [(code, line) for code, line, *_ in notes]
    warnings += [(problem.code, problem.line) for problem in (*read.warnings, *read.problems)]
    warned = {line - 1 - _FRONT_LINES for code, line in warnings if not code.startswith(_OF_FILES)}
    tells_all = any(code.startswith("code-") and code.endswith("-many") for code, _ in warnings)
    if any(problem.code == "body-too-deep" for problem in read.problems):
        return Look([], False, False, ("body-too-deep",))
    html, images, *_ = _converter.convert(text)
    visible = _CODE.sub("", html)
    media = len(_MEDIA.findall(_CODE.sub("", reference_html(text))))
    lines = text.split("\n")
    return Look(
        differences(text, warned),
        bool(kinds.FOREIGN_CODE.search(visible))
        and not tells_all
        and _is_silent(kinds.FOREIGN_CODE, lines, warned),
        media > len(images) and _is_silent(_MEDIA, lines, warned),
        tuple(sorted({problem.code for problem in read.problems})),
    )


def _is_silent(sign: re.Pattern[str], lines: list[str], warned: set[int]) -> bool:
    """Whether a line with this sign has no warning."""
    return any(sign.search(line) and number not in warned for number, line in enumerate(lines))


def report(texts: list[Look], examples: bool) -> str:
    """The figures of some texts."""
    count = max(1, len(texts))
    silent = [{part.kind for part in text.differences if part.is_silent} for text in texts]
    rows = [
        ("structure silently different", sum(bool(each - _COUNTED_ELSEWHERE) for each in silent)),
        ("structure different, and told", sum(map(_is_told, texts))),
        ("code of other generators shown, not told", sum(text.foreign for text in texts)),
        ("pictures, films or sound lost, not told", sum(text.lost for text in texts)),
        ("refused for its body", sum(map(bool, (text.refused for text in texts)))),
        *Counter(f"    {code}" for text in texts for code in text.refused).most_common(),
    ]
    out = [
        f"{len(texts)} texts",
        *(_row(name, number, count) for name, number in rows),
        "",
        "by kind:",
    ]
    shortest: dict[str, str] = {}
    for text in texts:
        for part in text.differences:
            if part.is_silent:
                shortest[part.kind] = min(
                    shortest.get(part.kind, part.example), part.example, key=len
                )
    for kind, number in Counter(kind for kinds_ in silent for kind in kinds_).most_common():
        out.append(_row(kind, number, count))
        if examples:
            out += [f"        | {line}" for line in shortest[kind].split("\n")[:12]]
    return "\n".join(out)


def _is_told(text: Look) -> bool:
    return bool(text.differences) and not any(part.is_silent for part in text.differences)


def _row(name: str, number: int, count: int) -> str:
    return f"{100 * number / count:6.1f} %  {number:5}  {name}"


def main() -> None:
    """Print the figures of each folder, and of all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--examples", action="store_true", help="the shortest of each kind")
    options = parser.parse_args()
    for folder in options.folders:
        if not folder.is_dir():
            parser.error(f"no folder {folder}")
    all_texts: list[Look] = []
    with tempfile.TemporaryDirectory(prefix="dialect-") as temporary, Pool(options.jobs) as pool:
        (Path(temporary) / "content/tin-tuc").mkdir(parents=True)
        (Path(temporary) / "site.yaml").write_text(SETTINGS, "utf-8")
        for each in options.folders:
            files = sorted(str(file) for file in each.rglob("*") if file.suffix in _MARKDOWN)
            texts = pool.map(
                look_at, [(n, file, temporary) for n, file in enumerate(files)], chunksize=4
            )
            all_texts += texts
            print(f"{each}: {report(texts, options.examples)}\n", flush=True)
    if len(options.folders) > 1:
        print(f"all: {report(all_texts, options.examples)}")


if __name__ == "__main__":
    main()
