"""The converter of the tests, and the long way through a text, by which the short way is judged."""

from unittest import mock

from portalgen.content import markdown, plain
from portalgen.content.markdown import Converted, Converter

CONVERTER = Converter()


def long_way(text: str) -> Converted:
    """What both libraries make of a text, of which nothing takes the short way."""
    with (
        mock.patch.object(markdown, "simple_blocks", return_value=None),
        mock.patch.object(plain, "inline", return_value=None),
    ):
        return CONVERTER.convert(text)
