"""Signatures in the format of minisign (https://jedisct1.github.io/minisign/), prehashed.

A signature file has four lines: a comment nobody signs, `ED` + key number + Ed25519 signature of
the BLAKE2b-512 digest, a trusted comment, and a signature of the signature and that comment.
"""

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from portalgen.problems import PortalError, problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "


class SignatureError(Exception):
    """A key or signature that cannot be used, or is not of what it should be; says which."""


class SecretKey(NamedTuple):
    """A secret key that was opened, and its number."""

    number: bytes
    key: "Ed25519PrivateKey"


def sign(data: bytes, secret: SecretKey, comment: str) -> bytes:
    """The signature file for `data`."""
    number, key = secret
    signature = key.sign(_digest(data))
    trusted = " ".join(comment.split())
    whole = key.sign(signature + trusted.encode())
    first = base64.b64encode(b"ED" + number + signature).decode()
    last = base64.b64encode(whole).decode()
    return f"{_UNTRUSTED}portalgen\n{first}\n{_TRUSTED}{trusted}\n{last}\n".encode()


def public_key(secret: SecretKey) -> str:
    """The public key to a secret one, as minisign writes it."""
    raw = secret.key.public_key().public_bytes_raw()
    return base64.b64encode(b"Ed" + secret.number + raw).decode()


def check(data: bytes, signature: bytes, public_key: str) -> str:
    """The trusted comment of a signature of `data` by this key; raises `SignatureError`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = _decoded(_key_line(public_key), 42)
    if raw[:2] != b"Ed":
        raise SignatureError("key")
    try:
        lines = signature.decode().splitlines()
    except UnicodeDecodeError:
        raise SignatureError("signature") from None
    if len(lines) < 4 or not lines[2].startswith(_TRUSTED):
        raise SignatureError("signature")
    signature, trusted = _decoded(lines[1], 74), _decoded(lines[3], 64)
    if signature[:2] != b"ED" or signature[2:10] != raw[2:10]:
        raise SignatureError("other-key")
    comment = lines[2].removeprefix(_TRUSTED)
    key = Ed25519PublicKey.from_public_bytes(raw[10:])
    try:
        key.verify(signature[10:], _digest(data))
        key.verify(trusted, signature[10:] + comment.encode())
    except InvalidSignature:
        raise SignatureError("signature") from None
    return comment


def is_signed(data: bytes, signature: bytes, public_key: str) -> bool:
    """Whether a signature is of this data by this key; raises `PortalError` if that is none."""
    try:
        check(data, signature, public_key)
    except SignatureError as error:
        if str(error) == "key":
            raise PortalError([problem("wrong-key")]) from error
        return False
    return True


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data).digest()


def _key_line(text: str) -> str:
    """The line with the key, with or without the comment line minisign writes above it."""
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith(_UNTRUSTED)]
    if len(lines) != 1:
        raise SignatureError("key")
    return lines[0].strip()


def _decoded(text: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != length:
        raise SignatureError("key" if length in (42, 158) else "signature")
    return raw


def open_key(text: str, password: str) -> SecretKey:
    """Open a secret key of minisign, which takes seconds if it has a password.

    Layout: algorithms (6), salt (32), limits (16), number, key, checksum. Raises `SignatureError`.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = _decoded(_key_line(text), 158)
    if raw[:2] != b"Ed" or raw[4:6] != b"B2" or raw[2:4] not in (b"Sc", b"\0\0"):
        raise SignatureError("key")
    salt, body = raw[6:38], raw[54:]
    if raw[2:4] == b"Sc":
        limits = [int.from_bytes(raw[at : at + 8], "little") for at in (38, 46)]
        stream = _scrypt(password.encode(), salt, *limits)
        body = bytes(a ^ b for a, b in zip(body, stream, strict=True))
        if hashlib.blake2b(raw[:2] + body[:72], digest_size=32).digest() != body[72:]:
            raise SignatureError("password")
    number, key = body[:8], body[8:72]
    return SecretKey(number, Ed25519PrivateKey.from_private_bytes(key[:32]))


def _scrypt(password: bytes, salt: bytes, operations: int, memory: int) -> bytes:
    """libsodium's scrypt, whose `pickparams` makes N, r and p of two limits."""
    operations, r = max(operations, 32768), 8
    by_time = operations < memory // 32
    most = operations // (r * 4) if by_time else memory // (r * 128)
    log = next((bits for bits in range(1, 63) if 1 << bits > most // 2), 63)
    p = 1 if by_time else min(operations // 4 // (1 << log), 0x3FFFFFFF) // r
    try:
        return hashlib.scrypt(
            password, salt=salt, n=1 << log, r=r, p=p, dklen=104, maxmem=(1 << 31) - 1
        )
    except (ValueError, MemoryError):
        raise SignatureError("key") from None
