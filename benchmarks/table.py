"""The Markdown tables that benchmarks print."""

from collections.abc import Mapping, Sequence

from benchmarks.measure import Figure, Files

NAMES = {
    "portalgen": "portalgen", "hugo": "Hugo, site by site", "hugo-1": "Hugo, site by site (1 core)",
    "hugo-one": "Hugo, one big site", "hugo-search": "Hugo and Pagefind",
}  # fmt: skip


def times(figures: Mapping[str, Mapping[str, Figure]]) -> str:
    """A table of the figures of each builder, by operation."""
    rows = []
    for operation, builders in figures.items():
        ours = builders["portalgen"]
        label = operation
        for name, figure in faster(builders).items():
            ratio = "" if figure is ours else f"{ours.wall / figure.wall:.2f}"
            cost = [f"{figure.wall:.2f}", f"{figure.cpu:.2f}", f"{figure.mb:.0f}"]
            rows.append([label, NAMES[name], *cost, ratio])
            label = ""
    return markdown(["", "", "wall s", "CPU s", "peak MB", "portalgen / it"], rows, left=2)


def faster(builders: Mapping[str, Figure]) -> dict[str, Figure]:
    """The builders in order, with the faster of the two ways to run Hugo site by site."""
    ways = sorted({"hugo", "hugo-1"} & builders.keys(), key=lambda name: builders[name].wall)
    return {name: builders[name] for name in NAMES if name in builders and name not in ways[1:]}


def sizes(files: Mapping[str, Files]) -> str:
    """A table of the files of each builder."""
    rows = [
        [NAMES[name], f"{f.pages:,}", f"{f.others:,}", f"{f.megabytes:.1f}", f"{f.article_kb:.2f}"]
        for name, f in files.items()
    ]
    return markdown(["", "pages", "other files", "MB", "KB an article"], rows)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A table whose first `left` columns are aligned left and the others right."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * w if at < left else "-" * (w - 1) + ":" for at, w in enumerate(widths)]
    return "\n".join([line(head), line(rule), *map(line, rows)])
