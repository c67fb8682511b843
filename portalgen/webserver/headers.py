"""HTTP headers of published files: types, lifetimes, content security policy."""

import re
from pathlib import PurePosixPath

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60, must-revalidate"
WEEKLY = "public, max-age=604800"
TYPES = {
    "text/html; charset=utf-8": "html htm",
    "text/css; charset=utf-8": "css",
    "text/javascript; charset=utf-8": "js mjs",
    "text/plain; charset=utf-8": "txt",
    "text/csv; charset=utf-8": "csv",
    "application/json": "json",
    "application/manifest+json": "webmanifest",
    "application/xml": "xml",
    "image/svg+xml": "svg",
    "image/jpeg": "jpg jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/x-icon": "ico",
    "font/woff2": "woff2",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/zip": "zip",
}
_BY_SUFFIX = {suffix: kind for kind, suffixes in TYPES.items() for suffix in suffixes.split()}
# Names that change with their content: those of `themes/assets.py` and `content/images.py`.
_LASTING = re.compile(r"assets/.+\.[0-9a-f]{8}(\.[a-z0-9]+)?|media/[0-9a-f]{16}-[^/]+")


def type_of(path: str) -> str:
    """The Content-Type of a file."""
    suffix = PurePosixPath(path).suffix.lower().removeprefix(".")
    return _BY_SUFFIX.get(suffix, "application/octet-stream")


def is_lasting(route: str) -> bool:
    """Whether the content at this route of a site can never change."""
    return bool(_LASTING.fullmatch(route))
