"""What Python-Markdown itself makes of a text: both of our ways have to make the same of it."""

import re

import markdown
from markdown.extensions.footnotes import FootnoteExtension

from portalgen.content import markdown as ours
from portalgen.content.markdown import Converter
from portalgen.content.raw_html import rewritten

CONVERTER = Converter()
STOCK = markdown.Markdown(
    extensions=[
        "tables", "fenced_code", "sane_lists",
        FootnoteExtension(BACKLINK_TITLE="↑ {}", UNIQUE_IDS=False),
    ],
    output_format="html",
)  # fmt: skip
IMAGES = ours._Images(STOCK)


def stock(text: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Everything but images as Python-Markdown has it, cleaned and with ids as ours is.

    Blank lines before the text mean nothing: of one with a tab it would make an empty code block.
    """
    STOCK.reset()
    IMAGES.images = []
    html = ours._H1.sub(r"<\1h2", STOCK.convert(re.sub(r"\A(?:[ \t]*\n)+", "", text)))
    html, _ = rewritten(html, IMAGES.images)
    return ours._with_ids(CONVERTER._cleaner.clean(html)), IMAGES.images
