"""Digests that decide what is the same: short BLAKE2b, over unambiguous bytes."""

from collections.abc import Iterable
from hashlib import blake2b


def digest_bytes(data: bytes) -> str:
    """32 hexadecimal digits for these bytes."""
    return blake2b(data, digest_size=16).hexdigest()


def digest_parts(parts: Iterable[str]) -> str:
    """32 hexadecimal digits for a sequence of texts; ("ab", "c") differs from ("a", "bc")."""
    parts = tuple(parts)
    lengths = ",".join([str(len(part)) for part in parts])
    data = f"{lengths}|{''.join(parts)}".encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16).hexdigest()
