"""Every kind of page meets WCAG 2.2 AA as far as axe-core can check."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.kinds import PAGES

STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
BEST = "best-practice"
RUN = """tags => axe.run(document, {
    runOnly: tags, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"],
})"""
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}


def described(violations: list[dict[str, Any]]) -> Iterator[str]:
    for rule in violations:
        for node in rule["nodes"]:
            reasons = [check["message"] for check in node["any"] + node["all"] + node["none"]]
            yield f"{rule['id']}: {' '.join(node['target'])}: {'; '.join(reasons)}"


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing(
    open_page: OpenPage, axe: str, kind: str, size: str, colours: str
) -> None:
    page = open_page(kind, viewport=SIZES[size], color_scheme=colours)
    page.evaluate(axe)
    done = page.evaluate(RUN, [*STANDARD, BEST])
    assert done["passes"], "axe has looked at something"
    best = [rule for rule in done["violations"] if BEST in rule["tags"]]
    standard = [rule for rule in done["violations"] if rule not in best]
    assert not standard, "\n".join(described(standard))
    assert not best, "best practice: " + "\n".join(described(best))
