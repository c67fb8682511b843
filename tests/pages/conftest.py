from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.helpers import (
    MAIN_SETTINGS,
    NOW,
    article,
    network,
    problems,
    run,
)

AT = "content/tin-tuc/"


Files = dict[str, str | bytes | None]


def hours_ago(hours: float) -> str:
    moment = datetime.fromtimestamp(NOW - hours * 3600, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with old and new articles, also of a member, tags, topics and aliases."""
    files: Files = {
        "site.yaml": MAIN_SETTINGS
        + "topics:\n  - {title: Đại hội Đảng, slug: dai-hoi, description: Một dòng, "
        "banner: [Chào mừng, Đại hội]}\n",
        f"{AT}vua-xong.md": article("Vừa xong", hours_ago(1), tags="[du lịch, một mình]"),
        f"{AT}hom-qua.md": article("Hôm qua", hours_ago(47.9), tags="[Du Lịch]",
                                   updated="2020-01-14 09:00"),
        f"{AT}hom-kia.md": article("Hôm kia", hours_ago(48.1), author="Lò A",
                                   topics="[đại hội đảng, Mùa xuân]"),
        f"{AT}cu.md": article("Cũ", "2019-12-01 08:00", topics="Mùa xuân",
                              aliases="[/tin/cu.html, /tin/cu/, /tin/khong-duoi]"),
        f"{AT}tranh.md": article("Tranh", "2019-11-01 08:00",
                                 aliases="[/tin/cu.html, /tin-tuc/cu.html, /index.html]"),
        "content/gioi-thieu.md": article("Giới thiệu", "", aliases="/gioi-thieu-cu.html"),
        "members/sapa/content/tin-tuc/chung.md": article(
            "Chung", hours_ago(2), syndicate="true", tags="[du lịch]", topics="Đại hội Đảng"
        ),
        "members/sapa/content/tin-tuc/rieng.md": article("Riêng", hours_ago(3)),
    }  # fmt: skip
    root = network(tmp_path_factory.mktemp("portal"), files)
    taken = "Địa chỉ cũ “{}” đã có trang khác dùng ({}). Hãy bỏ dòng này khỏi `aliases`."
    assert problems(run(root)) == [
        f"{AT}tranh.md:1: " + taken.format("/index.html", "site.yaml"),
        f"{AT}tranh.md:1: " + taken.format("/tin-tuc/cu.html", f"{AT}cu.md"),
        f"{AT}tranh.md:1: " + taken.format("/tin/cu.html", f"{AT}cu.md"),
    ]
    return root
