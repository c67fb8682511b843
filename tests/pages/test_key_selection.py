"""Sites that cannot look different are not planned."""

from pathlib import Path

import pytest

from portalgen.pages import make
from portalgen.pages.keys import Plan
from tests.helpers import MEMBER_SETTINGS, article, network, run, write

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "members/sapa/content/tin-tuc/b.md"


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plan of each build from now on."""
    plans: list[Plan] = []
    make_sites = make.make_sites

    def noting(cards, theming, plan, *rest):  # type: ignore[no-untyped-def]
        plans.append(plan)
        return make_sites(cards, theming, plan, *rest)

    monkeypatch.setattr("portalgen.build.make_sites", noting)
    return plans


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = network(tmp_path, {
        A: article("Lúa chín"), B: article("Sạt lở đường"),
        "members/bacha/site.yaml": MEMBER_SETTINGS.replace("Sa Pa", "Bắc Hà"),
    })  # fmt: skip
    run(root)
    return root


def test_nothing_is_planned_of_what_did_not_change(root: Path, plans: list[Plan]) -> None:
    run(root)
    assert [(plan.sites, plan.pages, plan.indexes) for plan in plans] == [
        (["main", "bacha", "sapa"], [], {})
    ]


def test_a_members_news_changes_its_pages_and_both_searches(root: Path, plans: list[Plan]) -> None:
    write(root, {B: article("Sạt lở đường tỉnh")})
    run(root)
    assert (plans[0].pages, sorted(plans[0].indexes)) == (["sapa"], ["main", "sapa"])


def test_news_of_main_show_on_the_members_home_pages(root: Path, plans: list[Plan]) -> None:
    write(root, {A: article("Lúa đã chín")})
    run(root)
    assert (plans[0].pages, sorted(plans[0].indexes)) == (["main", "bacha", "sapa"], ["main"])


def test_a_lost_page_is_made_again_and_a_lost_file_of_the_index(
    root: Path, plans: list[Plan]
) -> None:
    (root / "public/sapa/robots.txt").unlink()
    (root / "public/main/tim-kiem/index.json").unlink()
    run(root)
    assert (plans[0].pages, sorted(plans[0].indexes)) == (["sapa"], ["main"])
    assert (root / "public/sapa/robots.txt").is_file()
    assert (root / "public/main/tim-kiem/index.json").is_file()


def test_a_lost_file_of_a_members_index_is_made_again(root: Path, plans: list[Plan]) -> None:
    lost = root / "public/sapa/tim-kiem/index.json"
    lost.unlink()
    run(root)
    assert (plans[0].pages, sorted(plans[0].indexes)) == ([], ["sapa"])
    assert lost.is_file()


def test_only_what_was_chosen_is_planned(root: Path, plans: list[Plan]) -> None:
    write(root, {A: article("Lúa đã chín"), B: article("Sạt lở đường tỉnh")})
    run(root, sites=("sapa",))
    assert (plans[0].sites, plans[0].pages, sorted(plans[0].indexes)) == (
        ["sapa"], ["sapa"], ["sapa"],
    )  # fmt: skip


def test_without_the_cache_all_is_planned(root: Path, plans: list[Plan]) -> None:
    run(root, use_cache=False)
    assert (len(plans[0].pages), len(plans[0].indexes)) == (3, 3)


def test_a_site_with_a_failing_override_is_planned_in_each_build(
    root: Path, plans: list[Plan]
) -> None:
    write(root, {"members/sapa/templates/404.html": "{{ nothing }}"})
    for _ in range(2):
        run(root)
        assert plans[-1].sites == ["main", "bacha", "sapa"]
        assert "sapa" in plans[-1].pages
