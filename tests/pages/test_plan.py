from pathlib import Path

import pytest

from tests.helpers import article, network, page, problems, run


@pytest.mark.parametrize("route", ["sitemap-1.xml", "assets/mark.45550562.svg", "tag/ruong.html"])
def test_what_an_article_claims_never_takes_the_place_of_a_page(tmp_path: Path, route: str) -> None:
    tagged = article("Ruộng", tags="[ruộng]")
    files: dict[str, str | bytes | None] = {
        "content/tin-tuc/a.md": tagged, "content/tin-tuc/b.md": tagged,
    }  # fmt: skip
    root = network(tmp_path, files)
    assert not run(root).refused
    published = {file.relative_to(root / "public/main").as_posix()
                 for file in (root / "public/main").rglob("*")}  # fmt: skip
    if route.startswith("assets/"):
        route = next(name for name in published if name.startswith("assets/mark."))
    before = page(root, f"main/{route}")
    claiming = article("Ruộng", tags="[ruộng]", aliases=f"[/{route}]")
    (root / "content/tin-tuc/a.md").write_text(claiming, encoding="utf-8")
    [told] = problems(run(root))
    assert f"/{route}" in told
    assert page(root, f"main/{route}") == before
