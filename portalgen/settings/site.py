"""Settings of `site.yaml`, each declared with its reader, default and meaning.

English meanings go into the reference, Vietnamese ones into the JSON Schema.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen.problems import Problem, problem
from portalgen.settings import schema, values
from portalgen.settings.moments import NEVER, end_of, read_moment
from portalgen.settings.root import (
    FRONT_FIELDS,
    KIND_FIELDS,
    QUOTA_FIELDS,
    TARGET_FIELDS,
    Front,
    Kind,
    Quota,
    Target,
)
from portalgen.settings.schema import Field, fields_of, list_of, record

SETTINGS_FILE = "site.yaml"


class Section(Struct, frozen=True):
    """A section of a site."""

    slug: Annotated[str, Field(
        schema.slug, "folder name under `content/` and part of the address",
        "Tên thư mục, cũng là một phần của địa chỉ.",
    )]  # fmt: skip
    title: Annotated[str, Field(
        schema.text, "name shown to readers", "Tên hiện cho người đọc.",
    )]  # fmt: skip
    description: Annotated[str, Field(
        schema.text, "one line under the heading", "Một dòng giới thiệu dưới tiêu đề.",
    )] = ""  # fmt: skip


class Topic(Struct, frozen=True):
    """A topic hub (chuyên đề); its `banner` shows on every page."""

    title: Annotated[str, Field(
        schema.text, "name; articles name it in their `topics`",
        "Tên chuyên đề; bài viết ghi tên này trong `topics`.",
    )]  # fmt: skip
    slug: Annotated[str, Field(
        schema.slug, "part of the address", "Một phần của địa chỉ.",
    )]  # fmt: skip
    description: Annotated[str, Field(
        schema.text, "one line under the heading", "Một dòng giới thiệu dưới tiêu đề.",
    )] = ""  # fmt: skip
    banner: Annotated[tuple[str, ...], Field(
        schema.texts,
        "lines of a campaign banner on every page; the main portal's show on all sites",
        "Các dòng chữ của băng tuyên truyền trên mọi trang.",
    )] = ()  # fmt: skip


class Link(Struct, frozen=True, array_like=True, gc=False):
    """A titled link: `url` is absolute, or starts with `/` on the same site, or is empty."""

    title: Annotated[str, Field(
        schema.text, "text of the link", "Chữ của liên kết.",
    )]  # fmt: skip
    url: Annotated[str, Field(
        schema.url, "target; `/…` is a path on the site",
        "Địa chỉ https://…, hoặc /… ngay trong trang này.", required=True,
    )] = ""  # fmt: skip


class Contact(Struct, frozen=True, array_like=True, gc=False):
    """Contact of the unit behind a site."""

    address: Annotated[str, Field(
        schema.text, "postal address", "Địa chỉ bưu chính.",
    )] = ""  # fmt: skip
    phone: Annotated[str, Field(
        schema.text, "telephone", "Số điện thoại.",
    )] = ""  # fmt: skip
    email: Annotated[str, Field(
        schema.text, "e-mail", "Thư điện tử.",
    )] = ""  # fmt: skip


class RelatedBlock(Struct, frozen=True):
    """A block of related articles: how they are chosen, and from which sites."""

    title: Annotated[str, Field(
        schema.text, "heading of the block", "Tiêu đề của khối.",
    )]  # fmt: skip
    by: Annotated[str, Field(
        schema.one_of("similarity", "section"),
        "how articles are chosen: by similar words, or by date in the same section",
        "Cách chọn bài: similarity là giống nhau về nội dung, section là cùng chuyên mục.",
    )]  # fmt: skip
    scope: Annotated[str, Field(
        schema.one_of("network", "site"),
        "where a block by similarity searches; default `site`",
        "Tìm ở đâu: network là cả mạng lưới, site là riêng trang này.",
    )] = "site"  # fmt: skip
    limit: Annotated[int, Field(
        schema.integer(1, 20), "maximum number of articles; default 6", "Nhiều nhất bao nhiêu bài.",
    )] = 6  # fmt: skip


class Feeds(Struct, frozen=True):
    """Settings of feeds."""

    limit: Annotated[int, Field(
        schema.integer(1, 500), "items in a feed; default 20",
        "Số bài trong nguồn tin; nếu không ghi là 20.",
    )] = 20  # fmt: skip
    full_text: Annotated[bool, Field(
        schema.boolean, "whether items contain the full text; default `false`",
        "true: nguồn tin chứa cả nội dung bài.",
    )] = False  # fmt: skip


SECTION_FIELDS, TOPIC_FIELDS = fields_of(Section), fields_of(Topic)
LINK_FIELDS, CONTACT_FIELDS = fields_of(Link), fields_of(Contact)
RELATED_FIELDS, FEED_FIELDS = fields_of(RelatedBlock), fields_of(Feeds)
ALERT_FIELDS = {
    "title": replace(
        LINK_FIELDS["title"], doc="what readers must know now", vi="Điều người đọc cần biết ngay."
    ),
    "url": replace(
        LINK_FIELDS["url"], doc="link to more information", vi="Nơi đọc thêm.", required=False
    ),
}


class Site(Struct, frozen=True, kw_only=True):
    """A site with inherited settings filled in; `folder` is relative to the root."""

    slug: str
    folder: str
    title: Annotated[str, Field(
        schema.text, "full name of the site", "Tên đầy đủ của trang.", inherits="own file, always",
    )]  # fmt: skip
    short_title: Annotated[str, Field(
        schema.text, "short name, for lists and cards", "Tên ngắn, dùng trong các danh sách.",
        inherits="defaults", default="the title",
    )] = ""  # fmt: skip
    kind: Annotated[str, Field(
        schema.slug, "group in the members' directory",
        "Nhóm của đơn vị trong danh bạ, một trong các `kinds` của cổng chính.",
        inherits="defaults",
    )] = ""  # fmt: skip
    description: Annotated[str, Field(
        schema.text, "one sentence for search engines and feeds",
        "Một câu giới thiệu cho máy tìm kiếm.", inherits="defaults",
    )] = ""  # fmt: skip
    base_url: Annotated[str, Field(
        values.base_url,
        "`https://host/` or `https://host/path/`; `{slug}` stands for the member's folder name",
        "Địa chỉ trang, như https://laocai.example/. `{slug}` thay cho tên thư mục của đơn vị.",
        required=False, inherits="defaults",
    )]  # fmt: skip
    hosts: Annotated[tuple[str, ...], Field(
        values.old_hosts,
        "old hosts of the site, also with `www.`, that nginx redirects here; `{slug}` stands for "
        "the member's folder name",
        "Các tên miền cũ hoặc có www. của trang này; máy chủ đưa người đọc từ đó về đây. "
        "`{slug}` thay cho tên thư mục của đơn vị.",
        inherits="",
    )] = ()  # fmt: skip
    successor: Annotated[str, Field(
        values.successor,
        "of a member that was renamed, merged or closed: the member or address that readers are "
        "led to; the member is not built any more",
        "Đơn vị đã đổi tên, sáp nhập hoặc giải thể: thư mục của đơn vị thay thế, hoặc một địa chỉ "
        "https://…. Trang này không được dựng nữa; ai mở địa chỉ cũ được đưa đến đó.",
        inherits="",
    )] = ""  # fmt: skip
    quota: Annotated[Quota, Field(
        record(QUOTA_FIELDS, Quota),
        "how much the member's folder may hold; beyond it, the member stays as it was published",
        "Thư mục của đơn vị chứa được bao nhiêu; vượt quá thì trang giữ như lần xuất bản trước.",
        inherits="",
    )] = field(default_factory=Quota)  # fmt: skip
    language: Annotated[str, Field(
        schema.one_of("vi", "en"),
        "language of the interface; the main portal's is that of messages, too",
        "Ngôn ngữ của giao diện và các thông báo.",
    )] = "vi"  # fmt: skip
    timezone: Annotated[str, Field(
        values.timezone, "zone of moments written without offset",
        "Múi giờ của các ngày giờ trong bài, như Asia/Ho_Chi_Minh.",
    )] = "Asia/Ho_Chi_Minh"  # fmt: skip
    theme: Annotated[str, Field(
        schema.slug, "folder name of the theme", "Tên thư mục giao diện.",
    )] = "portal"  # fmt: skip
    tokens: Annotated[Mapping[str, str], Field(
        schema.mapping_of(schema.text), "theme tokens this site changes",
        "Màu, phông chữ… của giao diện mà trang này đổi khác.",
        inherits="defaults and root, added",
    )] = field(default_factory=dict)  # fmt: skip
    sections: Annotated[tuple[Section, ...], Field(
        list_of(record(SECTION_FIELDS, Section)), "the sections, in menu order",
        "Các chuyên mục, theo thứ tự trên trình đơn.",
    )] = ()  # fmt: skip
    topics: Annotated[tuple[Topic, ...], Field(
        list_of(record(TOPIC_FIELDS, Topic)),
        "topic hubs (chuyên đề) with a title, a line and perhaps a banner",
        "Các chuyên đề.", inherits="defaults",
    )] = ()  # fmt: skip
    menu: Annotated[tuple[Link, ...], Field(
        list_of(record(LINK_FIELDS, Link)), "links beside the sections",
        "Các liên kết trên trình đơn, bên cạnh chuyên mục.",
    )] = ()  # fmt: skip
    contact: Annotated[Contact, Field(
        record(CONTACT_FIELDS, Contact), "how to reach the unit",
        "Cách liên hệ với đơn vị.", inherits="defaults", default="none",
    )] = field(default_factory=Contact)  # fmt: skip
    responsible: Annotated[str, Field(
        schema.text, "person responsible for the content", "Ai chịu trách nhiệm nội dung.",
        inherits="defaults",
    )] = ""  # fmt: skip
    related: Annotated[tuple[RelatedBlock, ...], Field(
        list_of(record(RELATED_FIELDS, RelatedBlock)),
        "blocks under an article; an empty list: none", "Các khối tin dưới mỗi bài.",
        default="one block by section",
    )] = (RelatedBlock("Tin cùng chuyên mục", "section"),)  # fmt: skip
    permalink: Annotated[str, Field(
        values.permalink, "addresses of articles",
        "Mẫu địa chỉ của bài viết, như /{section}/{slug}.html.",
    )] = "/{section}/{slug}.html"  # fmt: skip
    feeds: Annotated[Feeds, Field(
        record(FEED_FIELDS, Feeds), "content of feeds", "Nguồn tin RSS chứa những gì.",
        default="see below",
    )] = field(default_factory=Feeds)  # fmt: skip
    links: Annotated[tuple[Link, ...], Field(
        list_of(record(LINK_FIELDS, Link)), "links to other websites, in the footer",
        "Liên kết đến các trang khác, ở cuối trang.",
    )] = ()  # fmt: skip
    services: Annotated[tuple[Link, ...], Field(
        list_of(record(LINK_FIELDS, Link)), "services and documents, on the home page",
        "Dịch vụ và văn bản, trên trang chủ.", inherits="defaults",
    )] = ()  # fmt: skip
    alert: Annotated[Link | None, Field(
        record(ALERT_FIELDS, Link), "a warning at the head of every page",
        "Cảnh báo ở đầu mọi trang.",
    )] = None  # fmt: skip
    notice: Annotated[str, Field(
        schema.text, "a line in the footer of every page", "Một dòng ở cuối mọi trang.",
    )] = ""  # fmt: skip
    kinds: Annotated[tuple[Kind, ...], Field(
        list_of(record(KIND_FIELDS, Kind)), "groups of the members' directory, in order",
        "Các nhóm trong danh bạ đơn vị, theo thứ tự.", inherits="",
    )] = ()  # fmt: skip
    syndicate_from: Annotated[tuple[str, ...], Field(
        values.members,
        "members whose articles with `syndicate: true` the main portal takes; `[]`: none; not "
        "said: all",
        "Cổng chính nhận tin của những đơn vị nào; [] là không nhận; không ghi là nhận của mọi "
        "đơn vị.",
        inherits="",
    )] = (values.ALL_MEMBERS,)  # fmt: skip
    featured_from: Annotated[tuple[str, ...], Field(
        values.members,
        "members whose `featured` articles may lead the main portal's home page; not said: none",
        "Bài `featured` của những đơn vị nào được làm tin chính ở cổng chính; all là của mọi đơn "
        "vị; không ghi là không đơn vị nào.",
        inherits="",
    )] = ()  # fmt: skip
    front: Annotated[Front, Field(
        record(FRONT_FIELDS, Front), "what the main portal's home page shows first, or not at all",
        "Trang chủ của cổng chính hiện bài nào trước, không hiện bài nào.", inherits="",
    )] = field(default_factory=Front)  # fmt: skip
    known_hosts: Annotated[tuple[str, ...], Field(
        values.hosts,
        "hosts to which articles may link without a warning of `check`; `*.gov.vn` includes all "
        "subdomains",
        "Các máy chủ mà bài viết được dẫn liên kết đến; *.gov.vn gồm mọi trang .gov.vn.",
        inherits="",
    )] = ()  # fmt: skip
    targets: Annotated[tuple[Target, ...], Field(
        list_of(record(TARGET_FIELDS, Target)), "targets of `portalgen deploy`",
        "Những nơi mà portalgen deploy đưa các trang lên.", inherits="",
    )] = ()  # fmt: skip
    places: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)

    @property
    def root_path(self) -> str:
        """The site's path on its host, with a slash at both ends."""
        return urlsplit(self.base_url).path

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def front_until(self) -> int:
        """The moment from which `front` counts no more, in seconds since 1970; 0: never."""
        until = read_moment(self.front.until, self.zone, ends=True) if self.front.until else NEVER
        return end_of(until) if isinstance(until, datetime) else 0

    def takes(self, slug: str) -> bool:
        """Whether the main portal takes articles of this member."""
        return not {values.ALL_MEMBERS, slug}.isdisjoint(self.syndicate_from)

    def features(self, slug: str) -> bool:
        """Whether a featured article of this member may lead the main portal's home page."""
        return not {values.ALL_MEMBERS, slug}.isdisjoint(self.featured_from)

    def problem(self, key: str, code: str, **details: object) -> Problem:
        """Return a problem at the place of the value of `key`."""
        path, line, column = self.places.get(key, (self.settings_path, 0, 0))
        return problem(code, path, line, column, **details)

    @property
    def settings_path(self) -> str:
        """The site's own settings file, relative to the root."""
        return f"{self.folder}/{SETTINGS_FILE}" if self.folder else SETTINGS_FILE


_DECLARED = fields_of(Site)
SITE_FIELDS = {key: item for key, item in _DECLARED.items() if item.inherits}
# A member might give away what is another's; `portalgen` once took these from its own file.
_ONCE_OWN = ("hosts", "successor")
HELD_FIELDS = SITE_FIELDS | {key: _DECLARED[key] for key in _ONCE_OWN}
GRANT_FIELDS = {
    key: replace(_DECLARED[key], required=False)
    for key in ("base_url", "hosts", "successor", "quota")
}
_DEFAULTS = {
    key: replace(item, required=False)
    for key, item in _DECLARED.items()
    if item.inherits or key in ("hosts", "quota")
}
MEMBERS_FIELDS = {
    "defaults": Field(
        record(_DEFAULTS),
        "values every member starts with: the keys of `site.yaml` above, none required, `hosts` "
        "and `quota`",
        "Giá trị ban đầu của mọi đơn vị; đơn vị nào khác thì ghi trong tệp của mình.",
    ),
    "grants": Field(
        schema.mapping_of(record(GRANT_FIELDS)),
        "what one member has, by its folder name: the keys of `members.grants`, which come before "
        "its own",
        "Những gì chỉ tệp gốc được cho một đơn vị, theo tên thư mục của đơn vị.",
    ),
}
ROOT_FIELDS = {
    key: item for key, item in _DECLARED.items() if key not in ("successor", "quota")
}  # fmt: skip
ROOT_FIELDS["members"] = Field(
    record(MEMBERS_FIELDS), "what members share, and what one of them is given",
    "Những gì mọi đơn vị dùng chung, và những gì cho riêng một đơn vị.", inherits="",
)  # fmt: skip
ROOT_ONLY = frozenset((ROOT_FIELDS | GRANT_FIELDS).keys() - SITE_FIELDS.keys())
# Keys that members inherit from the root's own values.
FROM_ROOT = frozenset(key for key, item in SITE_FIELDS.items() if "root" in item.inherits)
