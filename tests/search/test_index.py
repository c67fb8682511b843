import json
from pathlib import Path

from tests.helpers import article, network, run, tree, write

AT = "content/tin-tuc"


def files(root: Path, site: str = "main") -> dict[str, bytes]:
    return {n: d for n, d in tree(root / f"public/{site}").items() if n.startswith("tim-kiem/")}


def titles(root: Path, site: str = "main") -> set[str]:
    blocks = [json.loads(data) for name, data in files(root, site).items() if "/r-" in name]
    return {row[1] for rows in blocks for row in rows}


def many(count: int) -> dict[str, str]:
    return {
        f"{AT}/bai-{n}.md": article(f"Bài {n}", f"2019-{n % 12 + 1:02}-{n % 27 + 1:02}", f"Chữ {n}")
        for n in range(count)
    }


def test_the_main_portal_searches_the_network_a_member_itself(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}/a.md": article("Của tỉnh"),
        "members/sapa/content/tin-tuc/b.md": article("Của Sa Pa"),
        "content/gioi-thieu.md": article("Trang", date=""),
    })  # fmt: skip
    run(root)
    assert titles(root) == {"Của tỉnh", "Của Sa Pa"}
    assert titles(root, "sapa") == {"Của Sa Pa"}


def test_results_name_a_member_as_it_is_called_now(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}/a.md": article("Của tỉnh"),
        "members/sapa/content/tin-tuc/b.md": article("Của Sa Pa"),
    })  # fmt: skip
    run(root)
    write(root, {"members/sapa/site.yaml": "title: Phường Sa Pa\nshort_title: Phường\n"})
    run(root)
    rows = [row for name, data in files(root).items() if "/r-" in name for row in json.loads(data)]
    assert {row[1]: row[4] for row in rows} == {"Của tỉnh": "", "Của Sa Pa": "Phường"}


def test_drafts_scheduled_and_expired_are_not_found(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}/a.md": article("Có"),
        f"{AT}/b.md": article("Nháp", draft="true"),
        f"{AT}/c.md": article("Hẹn", "2021-01-01"),
        f"{AT}/d.md": article("Hết", expires="2020-01-11"),
    })  # fmt: skip
    run(root)
    assert titles(root) == {"Có"}
    run(root, now=1_700_000_000)
    assert titles(root) == {"Có", "Hẹn"}


def test_an_edit_changes_the_files_of_its_words_alone(tmp_path: Path) -> None:
    root = network(tmp_path, many(80))
    run(root)
    before = files(root)
    write(root, {f"{AT}/bai-7.md": article("Bài 7", "2019-08-08", "Chữ 7 mới")})
    run(root)
    after = files(root)
    changed = {name for name in after if before.get(name) != after[name]}
    blocks = {name for name in changed if "/s-" not in name}
    assert 2 <= len(changed) <= 5
    assert len(blocks) == 2


def test_a_new_article_changes_files_of_the_newest_articles_alone(tmp_path: Path) -> None:
    root = network(tmp_path, many(55))
    run(root)
    sizes = []
    for n in range(55, 68):
        before = files(root)
        write(root, {f"{AT}/bai-{n}.md": article(f"Bài {n}", f"2020-01-{n - 54:02}", f"Chữ {n}")})
        run(root)
        after = files(root)
        changed = {name for name in after if before.get(name) != after[name]}
        sizes.append(len(changed))
        tiers = {name.partition("/s-")[2][:1] for name in changed}
        moves = (n + 1) % 8 == 0  # eight articles move to the previous tier
        assert moves or tiers <= {"", "3"}
    assert sorted(sizes)[len(sizes) // 2] <= 7
    clean = files(root)
    run(root, tmp_path / "clean", use_cache=False)
    made_anew = tree(tmp_path / "clean")
    assert {f"main/{name}": data for name, data in clean.items()}.items() <= made_anew.items()


def test_a_damaged_index_file_is_made_again(tmp_path: Path) -> None:
    root = network(tmp_path, many(30))
    run(root)
    clean = files(root)
    for damage in (b"{", b"", None):
        name = sorted(clean)[5]
        write(root / "public/main", {name: damage})
        write(root, {f"{AT}/bai-1.md": article("Bài 1", "2019-02-02", f"Chữ {damage!r}")})
        run(root)
        write(root, {f"{AT}/bai-1.md": many(2)[f"{AT}/bai-1.md"]})
        run(root)
        assert files(root) == clean


def test_the_index_goes_when_its_articles_go(tmp_path: Path) -> None:
    root = network(tmp_path, many(9))
    run(root)
    write(root, dict.fromkeys(many(9)))
    run(root)
    assert sorted(files(root)) == ["tim-kiem/index.json"]


def test_a_site_left_out_of_a_build_is_found_up_to_date_later(tmp_path: Path) -> None:
    root = network(tmp_path, {f"{AT}/a.md": article("A"), **many(12)})
    run(root)
    write(root, {f"{AT}/a.md": article("A mới"), "members/sapa/content/tin-tuc/b.md": article("B")})
    run(root, sites=("sapa",))
    assert "A mới" not in titles(root)
    run(root)
    assert {"A mới", "B"} <= titles(root)
    assert "A" not in titles(root)
