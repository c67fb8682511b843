"""What is said of wrong settings."""

from pathlib import Path

import pytest

from portalgen.problems import PortalError
from portalgen.settings.network import load_network

MEMBER = "members/sapa/site.yaml"


KNOWN = (
    "title, short_title, kind, description, base_url, hosts, successor, language, timezone, theme, "
    "tokens, sections, topics, menu, contact, responsible, related, permalink, feeds, links, "
    "services, alert, notice"
)


ONLY_SLUG = "Chỉ dùng chữ thường không dấu, số và gạch nối, ví dụ tiem-chung-mo-rong"


def refused(root: Path) -> list[str]:
    """The messages of problems in the settings."""
    with pytest.raises(PortalError) as caught:
        load_network(root)
    return [item.describe("vi") for item in caught.value.problems]
