"""Front matter: the YAML between the `---` lines at the head of an article."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

import yaml

from portalgen.content.model import Reference
from portalgen.problems import Problem, problem
from portalgen.settings import schema
from portalgen.settings.moments import read_moment
from portalgen.settings.reader import LINE_END, Document
from portalgen.settings.schema import Field, accepts, schema_of, whole

MAX_TITLE = 500
FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_FENCE_FIRST = re.compile(r"\A\n*(?:---[ \t]*\n)?")
_INNER = (" ", "\t", "-", "#")  # begin lines that belong to the key above, or to none
_DATED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
ALIAS = re.compile(r"(?!.*(?:\.\.|//))/?[A-Za-z0-9._~%/-]*[A-Za-z0-9_~%-](\.html?|/)?")


@accepts("texts", **schema_of(schema.texts))
def _references(node: yaml.Node, document: Document) -> tuple[Reference, ...] | None:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    references = []
    for item in nodes:
        target = schema.text(item, document)
        if target:
            references.append(Reference(target, *document.place(item)))
    return tuple(references)


@accepts(
    "texts",
    type=["array", "string"],
    pattern=whole(ALIAS),
    items={"type": "string", "pattern": whole(ALIAS)},
)
def _aliases(node: yaml.Node, document: Document) -> tuple[Reference, ...]:
    """Old addresses as written: a wrong one costs its redirect, not the article."""
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    written = {
        item.value.strip() if isinstance(item, yaml.ScalarNode) else "…": item
        for item in reversed(nodes)
    }
    return tuple(
        Reference(text, *document.place(item)) for text, item in reversed(list(written.items()))
    )


@lru_cache
def fields(zone: tzinfo) -> Mapping[str, Field]:
    """Every front-matter key; times without offset are in `zone`."""
    moment, end = schema.moment(zone), schema.moment(zone, ends=True)
    return {
        "title": Field(
            schema.text,
            "headline, at most 500 characters",
            "Tiêu đề bài.",
            required=True,
        ),
        "date": Field(
            moment,
            "moment of publication, which every article has and a plain page need not; else the "
            "day with which the file's name begins; one in the future waits",
            "Ngày giờ đăng, như 2020-01-10 16:46 hoặc 10/1/2020 16h46. Ghi lúc chưa tới là hẹn "
            "giờ đăng. Bài trong chuyên mục phải có.",
        ),
        "lead": Field(
            schema.text,
            "the sapo; else the first paragraph, if it is plain text",
            "Sa-pô. Nếu không ghi, đoạn văn đầu tiên được dùng thay.",
        ),
        "author": Field(
            schema.names,
            "who wrote it; of a list, all with commas",
            "Tác giả; nhiều người thì ghi thành danh sách.",
        ),
        "source": Field(
            schema.text,
            "where it was taken from",
            "Nguồn tin.",
        ),
        "tags": Field(
            schema.texts,
            "tags; a tag has a page once two articles carry it",
            "Các thẻ. Thẻ có trang riêng khi từ hai bài trở lên cùng dùng.",
        ),
        "topics": Field(
            schema.texts,
            "topic hubs it belongs to, by their titles; a new title makes a new hub",
            "Các chuyên đề chứa bài này, ghi đúng tên chuyên đề.",
        ),
        "image": Field(
            schema.text,
            "picture at the head, a file beside the article",
            "Ảnh đầu bài, là tên tệp ảnh đặt cạnh bài viết.",
        ),
        "image_alt": Field(
            schema.text,
            "what the picture shows, for those who do not see it; else the caption",
            "Ảnh cho thấy gì, viết cho người không nhìn thấy ảnh.",
        ),
        "caption": Field(
            schema.text,
            "line under the picture",
            "Chú thích dưới ảnh.",
        ),
        "slug": Field(
            schema.slug,
            "last part of the address; else made from the file's or folder's name",
            "Phần cuối của địa chỉ trang. Nếu không ghi, lấy theo tên tệp.",
        ),
        "aliases": Field(
            _aliases,
            "old addresses of this page such as `/tin-tuc/bai-cu.html`; each becomes a redirect",
            "Các địa chỉ cũ của trang này, như /tin-tuc/bai-cu.html. Ai mở địa chỉ cũ sẽ "
            "được đưa đến trang này.",
        ),
        "updated": Field(
            moment,
            "moment of the last change of substance",
            "Ngày giờ sửa nội dung lần cuối.",
        ),
        "expires": Field(
            end,
            "moment at which it disappears; in the year 9999: never",
            "Ngày giờ bài tự gỡ xuống; năm 9999 là không bao giờ.",
        ),
        "draft": Field(
            schema.boolean,
            "`true`: appears nowhere",
            "true: bản nháp, chưa hiện ở đâu cả.",
        ),
        "featured": Field(
            schema.boolean,
            "`true`: first choice for the lead story of the site's home page; on the main "
            "portal's, of members in `featured_from` only",
            "true: được chọn trước làm tin chính trên trang chủ; trên cổng chính thì chỉ khi tệp "
            "gốc ghi đơn vị ở `featured_from`.",
        ),
        "featured_until": Field(
            end,
            "moment from which it is featured no more; alone, it means `featured: true` until then",
            "Từ lúc này bài không còn được chọn trước nữa; ghi riêng dòng này cũng là featured "
            "cho đến lúc ấy.",
        ),
        "syndicate": Field(
            schema.boolean,
            "`true`: also in the main portal's lists, feeds and search, if `syndicate_from` takes "
            "the member; its address stays the member's",
            "true: bài cũng hiện trên cổng chính.",
        ),
        "related": Field(
            _references,
            "articles shown first under this one",
            "Các bài chọn tay, hiện đầu tiên dưới bài này. Ghi đường dẫn tệp hoặc địa chỉ đầy đủ.",
        ),
        "unrelated": Field(
            _references,
            "articles never shown under this one",
            "Các bài không bao giờ hiện dưới bài này.",
        ),
        "summary": Field(
            schema.text,
            "text for cards and feeds, at most 400 characters of it; else the lead, else "
            "the beginning of the text",
            "Câu tóm tắt cho danh sách bài. Nếu không ghi, dùng sa-pô.",
        ),
        "id": Field(
            schema.text,
            "permanent identity in feeds; else the site and the path under `content/`",
            "Mã cố định của bài trong nguồn tin RSS. Thường không cần ghi.",
        ),
    }


def split(text: str, path: str) -> tuple[str, str, int] | Problem:
    """Split into front matter, body, and the body's first line number."""
    first, line_end, rest = text.partition("\n")
    if first.rstrip() != "---" or not line_end:
        return problem("no-front-matter", path, 1, 1)
    text = f"---\n{rest}"
    end = 3 if text.startswith("---\n---", 0) else text.find("\n---", 4)
    while end != -1:
        after = text[end + 4 : end + 5]
        if after in ("", "\n", " ", "\t") and not text[end + 4 :].split("\n", 1)[0].strip():
            break
        end = text.find("\n---", end + 4)
    if end == -1:
        return problem("front-matter-not-closed", path, 1, 1)
    newline = text.find("\n", end + 1)
    body = "" if newline == -1 else text[newline + 1 :]
    return text[4 : max(end, 4)], body, text.count("\n", 0, end) + 3 - (not text[4:end])


def date_of_name(path: str) -> str:
    """The date with which the name of a file, or of its folder, begins; empty if it has none."""
    folder, _, name = path.rpartition("/")
    match = _DATED.match(folder.rpartition("/")[2] if name == "index.md" else name)
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else ""


def read(
    front: str, path: str, zone: tzinfo, is_page: bool
) -> tuple[dict[str, Any], dict[str, tuple[int, int]], list[Problem]]:
    """Typed values by key, the place of each, and the problems.

    An article without `date` has that of its file's name, but no place of it.
    """
    document = Document(path, first_line=2)
    node = document.compose(front)
    if node is None:
        return {}, {}, document.problems
    entries = schema.read_fields(node, document, fields(zone))
    values: dict[str, Any] = {key: value for key, (value, _) in entries.items()}
    places = {key: document.place(value_node) for key, (_, value_node) in entries.items()}
    _report_swallowed_keys(front, node, document)
    date, expires = values.get("date"), values.get("expires")
    if date and expires and expires <= date:
        document.report(entries["expires"][1], "expires-early")
    dated = (key.value == "date" and not schema.is_absent(value) for key, value in node.value)
    if not is_page and not any(dated):
        moment = read_moment(date_of_name(path), zone)
        if isinstance(moment, datetime):
            values["date"] = moment
        else:
            document.report(node, "missing-date")
    return values, places, document.problems


def _report_swallowed_keys(front: str, node: yaml.MappingNode, document: Document) -> None:
    """Report quotes that end some lines below, so that a key between is part of a text."""
    names = fields(UTC)
    for _, value in node.value:
        first, last = value.start_mark.line + 1, value.end_mark.line + 1
        if last > first and isinstance(value, yaml.ScalarNode) and value.style in ("'", '"'):
            inner = (line.partition(":") for line in LINE_END.split(front)[first:last])
            if any(colon and key.rstrip() in names for key, colon, _ in inner):
                document.report(value, "yaml-quote")


def second_front_matter(body: str) -> str:
    """What the body begins with, if it looks like more front matter; else empty."""
    head, *rest = FENCE.split(_FENCE_FIRST.sub("", body), maxsplit=1)
    if not rest or head.startswith("#"):
        return ""
    names = set(fields(UTC))
    lines = [line for line in head.split("\n") if line]
    keys = [line.partition(":")[0].rstrip() for line in lines if not line.startswith(_INNER)]
    return head if len(lines) <= 40 and all(key in names for key in keys) and keys else ""
