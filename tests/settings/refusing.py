"""What is said of wrong settings."""

from pathlib import Path

from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from portalgen.settings.site import SETTINGS_FILE

MEMBER = "members/sapa/site.yaml"


KNOWN = (
    "title, short_title, kind, description, base_url, language, timezone, theme, "
    "tokens, sections, topics, menu, contact, responsible, related, permalink, feeds, links, "
    "services, alert, notice"
)


NEED_KEYS = "Ở đây cần các dòng `khóa: giá trị`, thụt vào dưới khóa."


NEED_LIST = "Ở đây cần một danh sách: mỗi mục một dòng, thụt vào và mở đầu bằng “- ”."


ONLY_IN_ROOT = (
    "Hãy bỏ dòng này và nhờ người quản trị ghi ở tệp gốc; những gì cho riêng đơn vị này thì ghi ở "
    "`members.grants`."
)


ONLY_SLUG = "Chỉ dùng chữ thường không dấu, số và gạch nối, ví dụ"


def refused(root: Path) -> list[str]:
    """The messages of problems in the settings; one of the root file alone stops the network."""
    try:
        refused, stopped = load_network(root).refused, False
    except PortalError as error:
        refused, stopped = tuple(error.problems), True
    assert stopped == any(item.path == SETTINGS_FILE for item in refused)
    assert refused
    return [item.describe("vi") for item in sorted(set(refused))]
