"""What a person most likely meant by a key or an address that is not accepted."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from urllib.parse import quote, unquote

from portalgen.text import fold, nearest, slugify

# Words of people and of other generators, in both languages, without accents, blanks and signs.
_SYNONYMS = {
    "address": "diachi noio",
    "aliases": "diachicu redirectfrom redirects redirect oldurls oldurl duongdancu",
    "author": "tacgia nguoiviet phongvien authors byline writer butdanh nguoidang by creator",
    "base_url": "baseurl siteurl url diachi domain tenmien website",
    "caption": "chuthich chuthichanh imagecaption ghichuanh figcaption",
    "contact": "lienhe",
    "date": "ngay ngaydang ngaygio ngayxuatban thoigian ngayviet ngaytao giodang published"
    " publishdate publisheddate pubdate datepublished publishedat publishedon created createdat"
    " createdon time datetime publishtime posted postdate",
    "description": "mota gioithieu",
    "draft": "nhap bannhap isdraft unpublished",
    "email": "mail thudientu hopthu",
    "expires": "hethan ngayhethan expirydate expiry expire expiration expirationdate unpublishdate"
    " ngaygo gobai hieulucden",
    "featured": "noibat tinnoibat pinned sticky ghim hot important tieudiem",
    "id": "ma mabai uuid guid identifier",
    "image": "thumbnail thumb anh hinh hinhanh anhdaidien hinhdaidien anhbia anhdaubai cover"
    " coverimage featuredimage featureimage heroimage hero ogimage picture photo img banner avatar"
    " images pictures photos headerimage socialimage",
    "image_alt": "alt alttext motaanh anhalt imagedescription thumbnailalt coveralt",
    "kind": "loai",
    "language": "lang languagecode ngonngu locale",
    "lead": "sapo chapeau standfirst intro introduction dannhap loidan doandau teaser phude",
    "members": "donvi thanhvien",
    "phone": "dienthoai sodienthoai hotline tel telephone",
    "related": "lienquan bailienquan tinlienquan relatedposts relatedarticles seealso xemthem",
    "sections": "chuyenmuc muc danhmuc categories",
    "short_title": "tenngan tenruttgon tenviettat shortname",
    "slug": "duongdan url permalink path link diachi",
    "source": "nguon nguontin sources credit theo",
    "summary": "tomtat mota description excerpt abstract metadescription"
    " seodescription noidungchinh synopsis",
    "syndicate": "dangcongtinh dangcong",
    "tags": "the tukhoa keywords keyword tag nhan labels label hashtag hashtags",
    "theme": "giaodien",
    "timezone": "muigio tz",
    "title": "tieude tenbai ten headline name tua tuade heading tentrang tendonvi",
    "topics": "chuyende categories category chude topic series danhmuc theloai phanloai",
    "updated": "capnhat ngaycapnhat ngaysua sua lastmod modified lastmodified datemodified "
    " updatedat lastmodifiedat lastupdated updateddate modifieddate",
}
_NOT_DIGIT = re.compile(r"\D+")
_NOT_WORD = re.compile(r"[\W_]+")
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+(?:\?\S*)?")
_PHONE = re.compile(r"\(?\+?\(?\d(?:[ .()-]{0,2}\d){6,14}")
_HOST = r"(?:[\w-]+\.)+[a-zA-Z]{2,}(?::\d+)?"
_WITH_WWW = re.compile(rf"www\.{_HOST}(?:[/?#]\S*)?", re.IGNORECASE)
_HOST_AND_PATH = re.compile(rf"{_HOST}/\S*")
_HOST_ALONE = re.compile(
    r"(?:[\w-]+\.)+(?:vn|com|net|org|edu|gov|info|io|asia|example)(?::\d+)?(?:[?#]\S*)?",
    re.IGNORECASE,
)
_BROKEN_SCHEME = re.compile(
    r"(?:h?tt?ps?|https?)[:;.]?[/\\]{1,3}(?=[\w-]+\.)|https?;//|https?:(?=[\w-]+\.)", re.IGNORECASE
)
_FILE_ENDS = re.compile(r"\.(?:md|html?|php|aspx?|pdf|docx?|xlsx?|jpe?g|png|webp|gif|txt)$", re.I)
_YES = frozenset(["true", "yes", "y", "co", "on", "1", "x", "v", "t", "dung", "bat", "roi", "ok"])
_NO = frozenset(["false", "no", "n", "khong", "off", "0", "f", "sai", "tat", "chua", "ko", "k"])
_PLAIN = re.compile(r"[^\s!&*\-?|>@%`\"'#,\[\]{}:][^\n]*(?<!\s)|-(?=[^\s-])[^\n]*(?<!\s)")
_NOT_PLAIN = re.compile(r":(?:\s|$)|\s#")
_KEY_LINE = re.compile(r"((?:[ ]|-[ ])*)([\w-]+)[ \t]*([:：;=]|[ ](?=[^\W\d]))([^\n]*)")
_BULLET_LINE = re.compile(r"([ ]*)[*+•●▪–—·][ \t]*([^\n]*\S)[ \t]*")
_LISTS = ("tags", "topics", "related", "unrelated", "aliases", "author")
_CLOSING = {"[": "]", "{": "}"}
_ORIGIN = re.compile(r"^(?:https?:)?//[^/?#]*", re.IGNORECASE)
_ORIGIN_START = re.compile(r"^(?:[a-z]+:(?=[/\\])|https?(?=/))?[/\\]*", re.IGNORECASE)
_WEB = re.compile(r"(https?)(?:://https?:?/{1,2}|:/{1,3})([^/?#\s]+)([^\s]*)", re.IGNORECASE)
_ALIKE = 0.72  # of words, that one is a slip of the other
MAX_SLUG = 120


def meant_key(word: str, keys: Collection[str], value: str = "") -> str:
    """The key that is meant by a word, perhaps of an address; empty if there is none."""
    bare = _NOT_WORD.sub("", fold(word))
    if (
        "/" in value
        and bare in ("url", "permalink", "duongdan", "slug", "link")
        and ("aliases" in keys)
    ):
        return "aliases"
    for key in _keys_by_word().get(bare, ()):
        if key in keys:
            return key
    same = {key.replace("_", ""): key for key in keys}
    return same.get(bare) or same.get(nearest(bare, tuple(same), _ALIKE), "")


@cache
def _keys_by_word() -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for key, synonyms in _SYNONYMS.items():
        for word in synonyms.split():
            words.setdefault(word, []).append(key)
    return words


def meant_boolean(word: str) -> str:
    """`true` or `false` for a word that means it; else empty."""
    bare = fold(word).strip(" .!")
    return "true" if bare in _YES else "false" if bare in _NO else ""


def as_yaml(text: str, signs: str = "") -> str:
    """A text as a value of a key, in quotes if it needs them; it does for each of `signs`."""
    plain = _PLAIN.fullmatch(text) and not _NOT_PLAIN.search(text)
    if plain and not any(sign in text for sign in signs):
        return text
    return f'"{text}"' if not re.search(r'["\\]', text) else "'" + text.replace("'", "''") + "'"


def meant_lines(line: str) -> Iterator[str]:
    """What a line of YAML that cannot be read may mean, the likeliest first."""
    match = _KEY_LINE.fullmatch(line)
    if not match:
        if item := _BULLET_LINE.fullmatch(line):
            yield f"{item[1]}- {as_yaml(item[2])}"
        return
    margin, key, sign, value = match.groups()
    value = value.strip()
    if sign == " " and key not in _SYNONYMS:
        return
    if sign != ":" or not line[match.end(3) : match.end(3) + 1].isspace():
        yield f"{margin}{key}: {value}"
    if "-" in margin:
        yield f"{margin.replace('- ', '')}{key}: {value}"
    if (opened := value[:1]) in ("[", "{") and _CLOSING[opened] not in value:
        yield f"{margin}{key}: {value.rstrip(' ,;')}{_CLOSING[opened]}"
    if opened == "[" and value.endswith("]"):
        items = [item.strip(" []\"'") for item in re.split("[,;]", value)]
        yield f"{margin}{key}: [{', '.join(as_yaml(item, ',[]{}') for item in items if item)}]"
    if (
        opened == "-"
        and (key in _LISTS or " - " in value[1:])
        and (items := [item.strip() for item in re.split(r"(?:^|\s)-\s", value)])
    ):
        yield f"{margin}{key}: [{', '.join(as_yaml(item, ',[]{}') for item in items if item)}]"
    yield f"{margin}{key}: {as_yaml(value)}"


def complete_address(text: str) -> str:
    """An address with the beginning that it lacks, as `mailto:`; empty if it lacks none."""
    text = text.strip()
    if _EMAIL.fullmatch(text):
        return f"mailto:{text}"
    if _PHONE.fullmatch(text):
        return "tel:" + re.sub(r"[^+\d]", "", text)
    if re.match(r"//[\w-]+\.\S+$", text):
        return f"https:{text}"
    first = text.partition("/")[0]
    if _WITH_WWW.fullmatch(text) or _HOST_ALONE.fullmatch(text):
        return f"https://{text}"
    if _HOST_AND_PATH.fullmatch(text) and not _FILE_ENDS.search(first):
        return f"https://{text}"
    broken = _BROKEN_SCHEME.match(text)
    if broken and not re.match(r"https?://", text, re.IGNORECASE):
        return f"https://{text[broken.end() :]}"
    return ""


def meant_alias(text: str) -> str:
    """An old address like `text`, as `aliases` take it; empty if there is none."""
    path = _ORIGIN.sub("", text.strip().replace("\\", "/")).partition("#")[0]
    if "?" in path or "{" in path:
        return ""
    parts = [part for part in unquote(path).split("/") if part not in ("", ".", "..")]
    ends = "/" if path.endswith("/") else ""
    return "/" + "/".join(quote(part, safe="~") for part in parts) + ends if parts else ""


def meant_host(text: str) -> str:
    """A host like `text`; empty if there is none."""
    host = re.split("[/?#]", _ORIGIN_START.sub("", text.strip().lower()))[0].rpartition("@")[2]
    host = host.partition(":")[0].replace(",", ".").strip(".")
    if host.startswith("*") and not host.startswith("*."):
        host = "*." + host.lstrip("*.")
    return host if re.fullmatch(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+", host) else ""


def mended_address(text: str) -> str:
    """An address of the web without a slip in its scheme or host; empty if it has none."""
    match = _WEB.fullmatch(text)
    if not match:
        return ""
    scheme, host, rest = match.groups()
    host = re.sub(r"\.{2,}", ".", host.replace(",", ".")).strip(".")
    wanted = f"{scheme.lower()}://{host}{rest}"
    return wanted if wanted != f"{scheme.lower()}{text[len(scheme) :]}" else ""


def near_name(name: str, names: Iterable[str]) -> str:
    """The one of `names` that differs by a slip of the finger, and not by a number; else empty."""
    digits = _NOT_DIGIT.sub("", name)
    return nearest(name, [other for other in names if _NOT_DIGIT.sub("", other) == digits], 0.85)


def meant_slug(text: str, reserved: Collection[str]) -> str:
    """A slug like `text`."""
    last = text.strip().rstrip("/").rpartition("/")[2]
    slug = slugify(_FILE_ENDS.sub("", last)) or slugify(text) or "tiem-chung-mo-rong"
    if len(slug) > MAX_SLUG:
        cut = slug[: MAX_SLUG + 1]
        slug = (cut.rpartition("-")[0] or cut[:MAX_SLUG]).strip("-")
    return f"bai-{slug}" if slug in reserved else slug
