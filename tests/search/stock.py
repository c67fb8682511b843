"""Articles by chance, and the files of an index of them."""

from collections.abc import Callable

from hypothesis import HealthCheck
from hypothesis import strategies as st

from portalgen.search.layout import Layout
from portalgen.search.records import Record
from portalgen.search.writer import build

WORDS = [
    "lào",
    "lao",
    "cai",
    "điện",
    "diện",
    "tử",
    "từ",
    "hòa",
    "hoà",
    "thuỷ",
    "thủy",
    "y",
    "tế",
    "2020",
    "KT-XH",
    "của,",
    "và.",
    "đồng",
]


DAY = 737_433  # 10/01/2020


FIXTURE = [HealthCheck.function_scoped_fixture]


records = st.builds(
    Record,
    title=st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join),
    href=st.just("/x.html"),
    date=st.just("16:46, 10/01/2020"),
    member=st.sampled_from(["", "Sa Pa"]),
    site=st.sampled_from(["main", "sapa"]),
    section=st.just("tin-tuc"),
    tags=st.sampled_from([(), ("Lào Cai",), ("y tế", "điện tử")]),
    text=st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
)


days = st.lists(st.integers(DAY, DAY + 30), min_size=1, max_size=60).map(sorted)


def record(title: str, text: str, tags: tuple[str, ...] = (), member: str = "") -> Record:
    return Record(title, "/x.html", "", member, "main", "tin-tuc", tags, text)


def index_files(layout: Layout, by_number: dict[int, Record]) -> dict[str, bytes]:
    return dict(build(layout, by_number.items()))


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return read
