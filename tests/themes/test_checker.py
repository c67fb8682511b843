from pathlib import Path

from tests.helpers import (
    article,
    network,
    problems,
    run,
)

FILES = {
    "content/tin-tuc/mot.md": article("Một"),
    "members/sapa/content/tin-tuc/hai.md": article("Hai"),
}


AT = "members/sapa/templates/article.html"


def test_an_override_of_nothing_is_refused(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, "members/sapa/templates/artcle.html": "x"})
    assert problems(run(root)) == [
        "members/sapa/templates/artcle.html:1: Giao diện không có mẫu “artcle.html” để thay. "
        "Hãy sửa tên tệp hoặc xóa nó."
    ]
