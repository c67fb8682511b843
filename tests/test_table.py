from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.problems import Problem
from portalgen.table import Table, cell_problem, read_table


def read(folder: Path, data: bytes) -> Table:
    file = folder / "bang.csv"
    file.write_bytes(data)
    table = read_table(file, "bang.csv")
    assert isinstance(table, Table)
    return table


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_table_as_spreadsheets_write_it(
    tmp_path: Path, encoding: str, delimiter: str, line_end: str
) -> None:
    lines = [["from", "to"], ["/bài", '"a""b"'], [" ", ""], ["/x", "/y"]]
    text = line_end.join(delimiter.join(line) for line in lines)
    table = read(tmp_path, text.encode(encoding))
    assert texts(table) == [["from", "to"], ["/bài", 'a"b'], ["/x", "/y"]]
    assert table.delimiter == delimiter
    assert [(row[0].line, row[-1].column) for row in table.rows] == [(1, 6), (2, 6), (4, 4)]


@given(st.lists(st.text("aà;\" ,'", max_size=9).map(str.strip), min_size=2, max_size=4))
def test_a_quoted_cell_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, row: list[str]
) -> None:
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
    table = read(tmp_path_factory.mktemp("bang"), f"a,b\n{line}\n".encode())
    assert texts(table)[1:] == ([row] if any(row) else [])


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\xff\xfea", "encoding-not-utf8"), (b"a\0", "nul-byte"), (b"\xe0,a", "encoding-not-utf8"),
     (b"<<<<<<< a\n", "conflict-marks")],
)  # fmt: skip
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    file = tmp_path / "bang.csv"
    file.write_bytes(data)
    refusal = read_table(file, "bang.csv")
    assert isinstance(refusal, Problem)
    assert (refusal.path, refusal.code) == ("bang.csv", code)


def test_a_file_that_is_none_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lon.csv").write_bytes(b"a" * 4_000_001)
    codes = [read_table(tmp_path / name, name) for name in ("lon.csv", "", "khong-co.csv")]
    assert [item.code for item in codes if isinstance(item, Problem)] == [
        "file-too-large", "not-a-file", "file-unreadable",
    ]  # fmt: skip


def test_cells_too_many_or_with_odd_quotes_are_told(tmp_path: Path) -> None:
    table = read(tmp_path, b'a,b\n1,2,3\n"1,2\n1,2,\n')
    found = [cell_problem(row, 2, "bang.csv") for row in table.rows]
    assert [item and (item.code, item.line, item.column) for item in found] == [
        None, ("list-cells", 2, 5), ("list-quotes", 3, 1), None,
    ]  # fmt: skip
