"""The tables that a benchmark prints."""

from benchmarks.measure import Figure, Files

NAMES = {"portalgen": "portalgen", "hugo": "Hugo, site by site", "hugo-one": "Hugo, one big site"}


def text(
    articles: int, sites: int, figures: dict[str, dict[str, Figure]], files: dict[str, Files]
) -> str:
    """All figures for one number of articles."""
    lines = ["", f"{articles:,} articles on {sites} sites", ""]
    head = ["", "", "wall s", "CPU s", "peak MB", "portalgen / it"]
    lines += _rows([head, *_figures(figures)])
    head = ["", "pages", "other files", "MB", "KB an article"]
    rows = [
        [NAMES[name], f"{f.pages:,}", f"{f.others:,}", f"{f.megabytes:.1f}", f"{f.article_kb:.2f}"]
        for name, f in files.items()
    ]
    return "\n".join([*lines, "", *_rows([head, *rows], left=1), ""])


def _figures(figures: dict[str, dict[str, Figure]]) -> list[list[str]]:
    rows = []
    for operation, builders in figures.items():
        ours = builders["portalgen"]
        shown = operation
        for name, figure in _faster(builders):
            ratio = "" if figure is ours else f"{ours.wall / figure.wall:.2f}"
            cost = [f"{figure.wall:.2f}", f"{figure.cpu:.2f}", f"{figure.mb:.0f}"]
            rows.append([shown, name, *cost, ratio])
            shown = ""
    return rows


def _faster(builders: dict[str, Figure]) -> list[tuple[str, Figure]]:
    """The builders by name; of the two ways to run Hugo site by site, the faster one."""
    made = [(NAMES["portalgen"], builders["portalgen"])]
    if "hugo" in builders:
        free, bound = builders["hugo"], builders["hugo-1"]
        mark, figure = (" (1 core)", bound) if bound.wall < free.wall else ("", free)
        made += [(NAMES["hugo"] + mark, figure), (NAMES["hugo-one"], builders["hugo-one"])]
    return made


def _rows(rows: list[list[str]], left: int = 2) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]
