"""The body of an article: Markdown to HTML, with its pictures and links."""

import html
import os
import re
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from portalgen.content import images
from portalgen.content.beside import FilesBeside
from portalgen.content.lint import article as lint
from portalgen.content.lint.hidden import without_code
from portalgen.content.lint.lost import of_losses
from portalgen.content.markdown import Converter, drop_empty_links, fill_images, map_links
from portalgen.content.model import Reference
from portalgen.problems import Problem, problem
from portalgen.settings.claims import address_key
from portalgen.settings.site import Site
from portalgen.settings.suggestions import complete_address
from portalgen.strays import without_strays

_BEFORE_TARGET = ("](", "](<", '="', "='", " src=", " href=", "]: ", "]: <")
_AFTER_TARGET = ")>\"'#? \t\n"
_NOTHING = r"(?:\s|<p>\s*</p>|<div>\s*</div>)*"
_LONE_CAPTION = re.compile(
    rf"<figure>{_NOTHING}<figcaption>((?:(?!</?fig).)*)</figcaption>{_NOTHING}</figure>", re.DOTALL
)
_ELSEWHERE = re.compile(r"https?://[^\s&]*\Z")  # as nearly all links to other sites are
_SCHEME = re.compile(r"(?!portal:)[a-zA-Z][\w+.-]*:")


class Body:
    """Converts the body of one article, and collects what it names.

    `name` is that of the article, relative to the content folder of its site.
    """

    def __init__(self, site: Site, name: str, text: str, first_line: int, files: FilesBeside):
        self.site = site
        self.name = name
        self.text = text
        self.first_line = first_line
        self.files = files
        self.media: list[str] = []
        self.originals: set[str] = set()
        self.links: list[Reference] = []
        self.addresses: list[str] = []
        self.warnings: list[Problem] = []
        self._places: dict[str, int] = {}
        self._host = site.base_url.partition("://")[2].partition("/")[0].lower()

    def convert(self, converter: Converter) -> str:
        """The HTML.

        Raises:
            TooDeep: with the line from which its lists, quotes or brackets go too deep.
        """
        content, pictures, faults, losses = converter.convert(self.text)
        for fault in faults:
            self._warn(fault.code, (self.first_line + fault.line, 1), **fault.values)
        if losses:
            self.files.warnings += of_losses(
                self.files.path, self.text, self.first_line, losses, self._place_of
            )
        content = fill_images(
            content,
            lambda i, alone, linked: (
                self._picture(pictures[i], alone, linked) if i < len(pictures) else ""
            ),
        )
        content = _LONE_CAPTION.sub(r"<p><small>\1</small></p>", content)
        if self.files.warnings:  # a link around a picture that is missing
            content = drop_empty_links(content)
        return without_strays(map_links(content, self._link))

    @cached_property
    def _without_code(self) -> str:
        return without_code(self.text)

    def _place_of(self, target: str) -> tuple[int, int]:
        """Line and column at which the body names `target`, as a link or picture."""
        at = self._next(target, self._places.get(target, 0))
        if at < 0:
            at = self._next(target, 0)
        if at < 0 and (match := _typed(target).search(self._without_code)):
            at = match.start(1)
        if at < 0:
            return self.first_line, 1
        self._places[target] = at + 1
        line = self.first_line + self.text.count("\n", 0, at)
        return line, at - self.text.rfind("\n", 0, at)

    def _next(self, target: str, begin: int) -> int:
        """Where the body names `target` at or behind `begin`, outside code; -1: nowhere."""
        text, starts = self._without_code, []
        for prefix in _BEFORE_TARGET:
            at = text.find(prefix + target, max(begin - len(prefix), 0))
            while at >= 0:
                start = at + len(prefix)
                after = text[start + len(target) : start + len(target) + 1]
                if target == ")" or not after or after in _AFTER_TARGET:
                    starts.append(start)
                    break
                at = text.find(prefix + target, at + 1)
        return min(starts, default=-1)

    def _picture(self, image: tuple[str, str, str], alone: bool, linked: bool) -> str:
        source, alt, caption = image
        place = self._place_of(source)
        picture = self.files.picture(source, alt, place)
        if picture is None:  # within a line its description stands for it, as in browsers
            if alone:
                return f"<p>{_small(caption)}</p>" if caption else ""
            return f"{html.escape(alt)} {_small(caption if caption != alt else '')}".strip()
        self.warnings += lint.of_picture(
            self.files.path, place, source, picture, "alt-missing", fills=alone
        )
        self.media += picture.files()
        markup = images.picture_html(picture, self.site.root_path)
        if picture.original and not linked:
            original = f"{self.site.root_path}media/{picture.original}"
            self.originals.add(original)
            markup = f'<a href="{original}" rel="noopener noreferrer">{markup}</a>'
        if not alone:
            return f"{markup} {_small(caption)}".strip()
        figcaption = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
        return f"<figure>{markup}{figcaption}</figure>"

    def _link(self, href: str) -> str | None:
        """The escaped address of a link; None if it leads nowhere, which is told."""
        if href in self.originals:
            return href
        if href[:4] == "http" and _ELSEWHERE.match(href) and self._host not in href.lower():
            self.addresses.append(href.partition("#")[0])
            return href
        target = html.unescape(href).strip()
        address, mark, fragment = target.partition("#")
        if address[:7].lower() == "portal:":
            address = f"portal:{address[7:]}"
        if not target:
            self._warn("link-nowhere", self._place_of(")"), target="")
            return None
        if not address or _SCHEME.match(address):
            self.addresses.append(address)
            if self._host in address.lower() and address_key(address).startswith(
                address_key(self.site.base_url)
            ):
                place = self._place_of(target.split("#")[0])
                self.links.append(Reference(address, *place, target[:120]))
            return html.escape(target)
        place = self._place_of(target.split("#")[0])
        reference = canonical(address, self.site.slug, self.name)
        if reference:
            self.links.append(Reference(reference, *place, target[:120]))
            return html.escape(reference + mark + fragment)
        if wanted := complete_address(target):
            self._warn("link-without-scheme", place, target=target[:120], wanted=wanted[:120])
            self.addresses.append(wanted)
            return html.escape(wanted)
        if address.startswith("\\"):  # of Windows, on another computer
            self._warn("lost-link-file", place, target=target[:120])
            return None
        if address.startswith("//"):
            self._warn("link-nowhere", place, target=target[:120])
            return None
        if address.startswith("/"):
            self.links.append(Reference(address, *place, target[:120]))
            return html.escape(self.site.root_path.rstrip("/") + target)
        name = self.files.attachment(address, target, place)
        if name is None:  # what is no file may be meant for an article: told when all are read
            reference = _inside(unquote(address), self.site.slug, self.name)
            self.links.append(Reference(reference, *place, target[:120]))
            return html.escape(reference + mark + fragment)
        if not name:
            return None
        self.media.append(name)
        return f"{self.site.root_path}media/{name}{html.escape(mark + fragment)}"

    def _warn(self, code: str, place: tuple[int, int], **values: Any) -> None:
        self.files.warnings.append(problem(code, self.files.path, *place, **values))


def _typed(target: str) -> re.Pattern[str]:
    """A target as it may be typed: with signs escaped by a backslash, or as HTML."""
    text = r"\\*".join(map(re.escape, target)).replace("\\&", "&(?:amp;|#38;)?")
    return re.compile(rf"(?:\]\(<?|=[\"']?|\]:\s*<?)(\\*{text})" if target else r"(?!)")


def _small(caption: str) -> str:
    """A caption that is below no picture."""
    return f"<small>{html.escape(caption)}</small>" if caption else ""


def canonical(target: str, site: str, name: str) -> str:
    """`portal:<site>/<path>.md` for a relative or a portal reference; empty if neither.

    `name` is that of the article with the reference, `site` the slug of its site.
    """
    plain = unquote(target)
    if plain.startswith("portal:"):
        return "portal:" + os.path.normpath(plain.removeprefix("portal:")).replace(os.sep, "/")
    if not plain.endswith(".md") or plain.startswith("/") or ":" in plain:
        return ""
    return _inside(plain, site, name)


def _inside(plain: str, site: str, name: str) -> str:
    folder = PurePosixPath(name).parent
    path = os.path.normpath(f"/{site}/{folder}/{plain}").replace(os.sep, "/")
    inside = os.path.normpath(f"{folder}/{plain}").replace(os.sep, "/")
    return f"portal:{site}/{inside}" if not inside.startswith("..") else f"portal:{path}"
