"""Convert Vietnamese text from before Unicode, by its font: TCVN3 (ABC) and VNI Windows.

TCVN3 as in TCVN 5712:1993, VN1; fonts are named `.Vn…`, those whose name ends in H show capitals.
VNI writes a vowel and then its marks; fonts are named `VNI-…`.
"""

import re
from unicodedata import normalize

_TCVN3_CODES = (
    "b5b6b7b8b9a8bbbcbdbec6a9c7c8c9cacbaecccecfd0d1aad2d3d4d5d6d7d8dcdddedfe1e2e3e4abe5e6e7e8e9"
    "aceaebecedeeeff1f2f3f4adf5f6f7f8f9fafbfcfdfea1a2a3a4a5a6a7"
)
_TCVN3_LETTERS = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ"
TCVN3 = dict(zip(bytes.fromhex(_TCVN3_CODES).decode("latin-1"), _TCVN3_LETTERS, strict=True))

_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_TONES = {"ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
_MARKS = {
    **_TONES,
    "â": _CIRCUMFLEX, "á": _CIRCUMFLEX + _ACUTE, "à": _CIRCUMFLEX + _GRAVE,
    "å": _CIRCUMFLEX + _HOOK, "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE,
    "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
_BASES = {
    "a": set(_MARKS), "e": {*_TONES, *"âáàåãä"}, "o": {*_TONES, *"âáàåãä"}, "u": set(_TONES),
    "y": set(_TONES) - {"ï"}, "ô": set(_TONES), "ö": set(_TONES),
}  # fmt: skip
_ALONE = {
    "ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
}  # fmt: skip


def _vni() -> dict[str, str]:
    letters = dict(_ALONE)
    for base, marks in _BASES.items():
        for mark in marks:
            letter = _ALONE.get(base, base)
            letters[base + mark] = normalize("NFC", letter + _MARKS[mark])
    for code, letter in list(letters.items()):
        letters[code.upper()] = letters[code[:1].upper() + code[1:]] = letter.upper()
    return letters


VNI = _vni()
_VNI_CODE = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))


def convert(text: str, font: str) -> str:
    """The text as Unicode; changed only if the font belongs to an older encoding."""
    name = font.lower()
    if name.startswith(".vn"):
        text = "".join(TCVN3.get(letter, letter) for letter in text)
        return text.upper() if name.endswith("h") else text
    if name.startswith("vni"):
        return _VNI_CODE.sub(lambda match: VNI[match[0]], text)
    return text
