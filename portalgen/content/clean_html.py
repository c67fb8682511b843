"""What HTML an article may have: tags, attributes, schemes of links, and the cleaner."""

import re
import secrets
from functools import cache
from html import escape

import nh3

TAGS = frozenset(str.split(
    "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em"
    " figcaption figure h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp small span"
    " strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr"
))  # fmt: skip
ATTRIBUTES = {
    "*": {"id", "dir", "lang", "title"},
    "a": {"href"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "details": {"open"},
    "div": {"class"},
    "ins": {"datetime"},
    "li": {"value"},
    "ol": {"class", "start", "type", "reversed"},
    "span": {"data-image"},
    "td": {"class", "colspan", "rowspan"},
    "th": {"class", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "ul": {"class"},
    **{name: {"class"} for name in ("p", "h2", "h3", "h4", "h5", "h6")},
}
SCHEMES = ("http", "https", "mailto", "tel", "sms", "zalo", "viber")
_VALUES = {
    "colspan": r"\d{1,4}", "rowspan": r"\d{1,4}", "span": r"\d{1,4}",
    "start": r"-?\d{1,6}", "value": r"-?\d{1,6}", "type": "[1aAiI]",
    "id": r"""\w[\w:.-]{0,160}|fn(?:ref[0-9]*)?:[^\s"'<>&]{1,80}""",
    "dir": "ltr|rtl|auto", "scope": "row|col|rowgroup|colgroup",
    "lang": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}", "datetime": r"[0-9A-Z:+. -]{1,40}",
}  # fmt: skip
_CLASSES = re.compile(
    r"align-(?:left|center|right)|footnote|language-[A-Za-z0-9_+#.-]{1,40}|letters"
)
_MEDIA = re.compile(r"(?:/(?!/)[A-Za-z0-9._/-]*)?/media/[0-9a-f]{16}-\d+\.(?:webp|jpg)(?: \d+w)?")
_OURS = secrets.token_hex(8) + "-"  # no article can write a place for a picture


def place_name(number: int) -> str:
    """The value of `data-image` at the place of a picture, before cleaning."""
    return f"{_OURS}{number}"


def allowed_value(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute as it is published; None: the attribute is left out."""
    if name == "class":
        kept = [word for word in value.split() if _CLASSES.fullmatch(word)]
        return " ".join(kept) or None
    if name == "data-image":
        return value.removeprefix(_OURS) if value.startswith(_OURS) else None
    if name in ("open", "reversed"):
        return ""
    if name == "type" and tag != "ol":
        return value
    if name in _VALUES:
        return value if re.fullmatch(_VALUES[name], value) else None
    if name in ("src", "srcset"):
        return value if all(map(_MEDIA.fullmatch, value.split(", "))) else None
    return value


def is_allowed(tag: str, name: str, value: str) -> bool:
    """Whether the cleaner keeps an attribute of a tag; links are looked at by `is_link`."""
    names = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())
    return name in names and allowed_value(tag, name, value) is not None


def _cleaner(tags: frozenset[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags), attributes=attributes, attribute_filter=allowed_value,
        url_schemes={*SCHEMES, "portal"}, link_rel="noopener noreferrer",
    )  # fmt: skip


@cache
def body_cleaner() -> nh3.Cleaner:
    """The cleaner of what is made of an article's text."""
    return _cleaner(TAGS, ATTRIBUTES)


@cache
def _published_cleaner() -> nh3.Cleaner:
    """Allows what is added after cleaning, too: pictures."""
    shared = {"srcset", "sizes"}
    pictures = {
        "img": {"src", "width", "height", "alt", "loading", "decoding", *shared},
        "source": {"type", *shared},
    }
    return _cleaner(TAGS | {"picture", "source", "img"}, ATTRIBUTES | pictures)


def clean_published(html: str) -> str:
    """A body as an article had it, cleaned again: it may come from anywhere."""
    return _published_cleaner().clean(html)


def is_link(target: str) -> bool:
    """Whether the cleaner leaves a link with this target."""
    return " href=" in body_cleaner().clean(f'<a href="{escape(target)}">')
