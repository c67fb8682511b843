import re
from pathlib import Path

from tests.helpers import (
    MAIN_SETTINGS,
    article,
    network,
    run,
)
from tests.pages.published import CONTENT, rss

AT = "content/tin-tuc/"


SAPA = "https://sapa.tinh.example"


def test_what_a_members_article_names_is_on_its_own_site_in_the_main_feed_too(
    tmp_path: Path,
) -> None:
    body = "Đầu.\n\nThân [tệp](tep.txt)"
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + "feeds: {full_text: true}\n",
        "members/sapa/content/tin-tuc/a.md": article("A", body=body, syndicate="true"),
        "members/sapa/content/tin-tuc/tep.txt": "tệp",
    })  # fmt: skip
    run(root)
    link = re.search('href="([^"]*tep[^"]*)"', rss(root)[0][f"{CONTENT}encoded"])
    assert link
    assert link[1].startswith(f"{SAPA}/media/")
    assert (root / "public/sapa" / link[1].removeprefix(f"{SAPA}/")).read_text("utf-8") == "tệp"
