"""Goals and results."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks import table
from benchmarks.bench import ADDED, COLD, EDITED, EDITED_MAIN, SAME, TOKEN
from benchmarks.measure import Figure

SMALL, USUAL, LARGE = 2_400, 12_000, 48_000
HUGO = ("hugo", "hugo-1")  # the two ways to run it site by site
Figures = Mapping[str, Mapping[str, Figure]]  # operation → builder → figure


@dataclass(slots=True)
class Measured:
    """The results of one run; empty or None if not measured.

    `builds`: by number of articles; `elsewhere`: files written on other sites after the change of a
    token; `rewritten`: files for each added article, `closed`: closed pages of lists among them;
    `serve`: seconds from a save until it is painted, by server; `memory`: MB of the largest process
    and of all; `bodies`: MB of the largest with normal texts and with texts four times as long;
    `start`: seconds of `portalgen --help`.
    """

    builds: dict[int, Figures] = field(default_factory=dict)
    elsewhere: int | None = None
    rewritten: list[int] = field(default_factory=list)
    closed: int = 0
    serve: dict[str, list[float]] = field(default_factory=dict)
    memory: tuple[float, float] | None = None
    bodies: tuple[float, float] | None = None
    start: float = 0.0


def text(measured: Measured) -> str:
    """A Markdown table with a row for each goal that was measured."""
    rows = [(name, goal, result) for name, goal, result in _rows(measured) if result]
    return table.markdown(["", "goal", "measured"], rows, left=3)


def _rows(measured: Measured) -> list[tuple[str, str, str]]:
    usual, large = measured.builds.get(USUAL), measured.builds.get(LARGE)
    return [
        ("from nothing, 12,000", "≤ 0.6 × Hugo (first aim 0.9)", _ratio(usual, COLD)),
        ("from nothing, 48,000", "≤ 0.5 × Hugo", _ratio(large, COLD)),
        ("an article at 48,000, from nothing", "≤ 1.15 × one at 2,400", _growth(measured)),
        ("from nothing, searchable, 12,000", "", _ratio(usual, COLD, ["hugo-search"])),
        ("nothing changed, 12,000", "≤ 0.03 × Hugo", _ratio(usual, SAME)),
        ("nothing changed, 12,000", "≤ 0.6 s of CPU", _cpu(usual, SAME)),
        ("nothing changed, 48,000", "≤ 0.03 × Hugo", _ratio(large, SAME)),
        ("a body edited, member, 12,000", "≤ 0.5 × Hugo, main site", _of_main(usual, EDITED)),
        ("a body edited, main, 12,000", "≤ 0.5 × Hugo, main site", _of_main(usual, EDITED_MAIN)),
        ("an article added, 12,000", "≤ 0.5 × Hugo, main site", _of_main(usual, ADDED)),
        ("files rewritten for it", "≤ 60 on average, no closed page of a list",
         _rewritten(measured)),
        ("a token of a member", "that site's files alone",
         "" if measured.elsewhere is None else f"{measured.elsewhere} files on other sites"),
        ("the same, time", "", _ratio(usual, TOKEN)),
        ("save to painted, 12,000", "≤ 150 ms, median", saves(measured.serve.get("portalgen", []))),
        ("the same, `hugo server`, main site", "", saves(measured.serve.get("hugo", []))),
        ("memory, 48,000", "largest ≤ 600 MB, all ≤ 1,200 MB",
         "{:.0f} MB, {:.0f} MB".format(*measured.memory) if measured.memory else ""),
        ("largest process, texts 4 × as long, 12,000", "flat",
         "{:.0f} MB, then {:.0f} MB".format(*measured.bodies) if measured.bodies else ""),
        ("`portalgen --help`", "≤ 0.12 s", f"{measured.start:.3f} s" if measured.start else ""),
    ]  # fmt: skip


def _ratio(
    figures: Figures | None, operation: str, names: Sequence[str] = HUGO, theirs: str = ""
) -> str:
    """The ratio to the first builder of these names; `theirs` is its operation, if another."""
    if not figures:
        return ""
    builders = table.faster(figures[theirs or operation])
    other = next((builders[name] for name in names if name in builders), None)
    return _over(figures[operation]["portalgen"], other) if other else ""


def _of_main(figures: Figures | None, operation: str) -> str:
    """The ratio to Hugo rebuilding the main site."""
    return _ratio(figures, operation, theirs=EDITED_MAIN)


def _over(ours: Figure, theirs: Figure) -> str:
    return f"{ours.wall / theirs.wall:.2f} × ({ours.wall:.2f} s / {theirs.wall:.2f} s)"


def _cpu(figures: Figures | None, operation: str) -> str:
    return f"{figures[operation]['portalgen'].cpu:.2f} s" if figures else ""


def _growth(measured: Measured) -> str:
    if SMALL not in measured.builds or LARGE not in measured.builds:
        return ""
    small, large = (measured.builds[n][COLD]["portalgen"].wall / n * 1000 for n in (SMALL, LARGE))
    return f"{large / small:.2f} × ({large:.2f} ms / {small:.2f} ms)"


def _rewritten(measured: Measured) -> str:
    if not measured.rewritten:
        return ""
    return f"{statistics.mean(measured.rewritten):.1f}, {measured.closed} closed pages"


def saves(taken: Sequence[float]) -> str:
    """The median and maximum of saves as text; they are in seconds, 0 for a lost one."""
    good = [seconds for seconds in taken if seconds]
    if not good:
        return ""
    middle, slowest = statistics.median(good) * 1000, max(good) * 1000
    return f"{middle:.0f} ms (slowest {slowest:.0f} ms, {len(taken) - len(good)} lost)"
