"""Digests for comparing content: BLAKE2b with 128 bits, as 32 hexadecimal digits."""

from collections.abc import Iterable
from hashlib import blake2b

from msgspec.msgpack import Encoder

_encode = Encoder().encode


def digest_bytes(data: bytes) -> str:
    """The digest of `data`."""
    return blake2b(data, digest_size=16).hexdigest()


def digest_of(value: object) -> str:
    """The digest of text, bytes, numbers, structures, or sequences of them."""
    return blake2b(_encode(value), digest_size=16).hexdigest()


def digest_parts(parts: Iterable[str]) -> str:
    """The digest of a sequence of texts; `("ab", "c")` differs from `("a", "bc")`."""
    parts, kind = list(parts), b""
    joined = "\x1f".join(parts)
    if joined.count("\x1f") >= len(parts):  # a part holds the separator: add lengths
        joined, kind = ",".join([str(len(part)) for part in parts]) + joined, b"lengths"
    data = joined.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, person=kind).hexdigest()
