"""Numbers of identity papers in a text, which everybody could copy once it is published."""

import re
from collections.abc import Iterator
from itertools import islice

from portalgen.problems import Problem, problem

_NUMBER = re.compile(
    r"(?<![\w/=+.,-])(?=\d{3})(\d{12}|\d{9}|\d{3}(?:[ .]\d{3}){2,3})(?![\w/=]|[-–.,]\d|-\w)"
)
_DIGITS = re.compile(r"[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}")
_AS_ZERO = bytes(ord("0") if byte in b"0123456789" else byte for byte in range(256))
_PAPERS = re.compile(
    r"CCCD|CMND|CMTND|CMT\b|GCMND|căn cước|chứng minh (?:nhân dân|thư|ND)|giấy chứng minh"
    r"|(?:số )?định danh|identity (?:card|number|no)|ID (?:card|number)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"tài khoản|\bTK\b|\bSTK\b|điện thoại|\bĐT\b|\bTel\b|\bFax\b|hotline|hợp đồng|vận đơn"
    r"|hóa đơn|hoá đơn|hồ sơ|seri|biên lai|mã vạch|barcode|IMEI|ISBN|account|zalo|mã số thuế|MST",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"[ \xa0]?(?:đồng|VN[DĐ]|đ\b|USD|tỷ|triệu|nghìn|kg|tấn|m[23²³]?\b|ha\b|%)", re.IGNORECASE
)
_LINKED = re.compile(r"https?://\S+|\]\([^()\n]*\)|<[^<>\n]*>|(?<![\w.])[\w.]+@[\w.]+")
_MOST = 100  # numbers of a line
_REACH = 60  # characters before a number that say what it is
# Codes of provinces in such numbers, as in circular 59/2021/TT-BCA.
_PROVINCES = frozenset([
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37,
    38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77,
    79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
])  # fmt: skip


def of_identity_numbers(path: str, text: str) -> Iterator[Problem]:
    """Warn of each line with the number of an identity card; the number itself is not repeated."""
    if b"0" * 9 not in text.encode(errors="replace").translate(_AS_ZERO, b" ."):
        return  # quicker than a pattern
    for number, line in enumerate(text.split("\n"), start=1):
        if not _DIGITS.search(line):
            continue
        plain = _LINKED.sub(lambda match: " " * len(match[0]), line)
        for match in islice(_NUMBER.finditer(plain), _MOST):
            if _is_identity(match, plain):
                hidden = f"{match[0][:3]}…{match[0][-2:]}"
                yield problem("identity-number", path, number, match.start() + 1, number=hidden)
                break


def _is_identity(match: re.Match[str], line: str) -> bool:
    digits = re.sub(r"\D", "", match[0])
    if len(set(digits)) <= 2 or digits in "012345678901234567890":
        return False  # an example
    if _AMOUNT.match(line, match.end()):
        return False
    before = line[max(0, match.start() - _REACH) : match.start()]
    papers = [named.end() for named in _PAPERS.finditer(before)]
    others = [named.end() for named in _OTHER.finditer(before)]
    if papers:
        return max(papers) > max(others, default=-1)
    is_whole = len(match[0]) == 12
    return is_whole and not others and _has_form(digits)


def _has_form(digits: str) -> bool:
    """Whether 12 digits are a province, a sex with a century of birth, and the rest."""
    century, year = int(digits[3]), int(digits[4:6])
    born = (1900 if century < 2 else 2000) + year
    return int(digits[:3]) in _PROVINCES and century < 4 and 1920 <= born <= 2030
