"""Find the Markdown files of a site; say which files and folders under `content/` are none."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from msgspec import Struct

from portalgen import sources
from portalgen.content import front_matter
from portalgen.content.read import Source
from portalgen.problems import Problem, Problems, problem
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.settings.suggestions import near_name
from portalgen.text import slugify

_MISNAMED = re.compile(r"(.+)\.(?:md|markdown|mdown|mkd)(?:\.txt)?", re.IGNORECASE)
_TEXT_FILE = re.compile(r"((?:.*/)?[^./]+)(?:\.txt)?", re.IGNORECASE)
_DOCUMENT = re.compile(r"^[^~.].*\.(?:docx?|odt|rtf|pages)$", re.IGNORECASE)


def scan(
    network: Network, site: Site, problems: Problems, unlisted: list[str], warnings: list[Problem]
) -> Iterator[Source]:
    """Every Markdown file of a site, in order; report folders that are no section.

    Folders whose content nobody can tell are added to `unlisted`; `warnings` name documents that
    are no article yet.
    """
    return _Scan(site, network.folder(site), problems, unlisted, warnings).sources()


class _Scan(Struct):
    """The scan of one site."""

    site: Site
    folder: Path
    problems: Problems
    unlisted: list[str]
    warnings: list[Problem]

    def sources(self) -> Iterator[Source]:
        content = self.folder / "content"
        if self.site.folder and self._leaves(str(content)):
            self._add("symlink-outside", "")
            return
        sections = {section.slug for section in self.site.sections}
        self._check_outside(sections)
        entries = self._entries(content, "")
        self._check_documents(entries, "", "")
        for entry in entries:
            if entry.name.endswith(".md"):
                yield self._source(entry.name, "")
            elif not sources.is_folder(entry):
                self._check_suffix(entry.name)
            elif entry.name in sections:
                yield from self._section(entry)
            elif _has_articles(entry.path):
                near = slugify(entry.name)
                near = near if near in sections else near_name(entry.name, sections)
                code = "unknown-section-near" if near else "unknown-section"
                unknown = self.site.problem("sections", code, section=entry.name, near=near)
                path = self._path(entry.name)
                self.problems.add(unknown._replace(path=path, line=0, column=0), self.site.slug)

    def _section(self, folder: "os.DirEntry[str]") -> Iterator[Source]:
        section = folder.name
        entries = self._entries(Path(folder.path), section)
        self._check_documents(entries, section, section)
        for entry in entries:
            name = f"{section}/{entry.name}"
            if entry.name.endswith(".md"):
                yield self._source(name, section)
            elif not sources.is_folder(entry):
                self._check_suffix(name)
            elif self._has_index(entry.path, name):
                yield self._source(f"{name}/index.md", section)

    def _check_outside(self, sections: set[str]) -> None:
        """Warn of articles beside the folder `content`, where nobody looks for them."""
        content = self.folder / "content"
        try:
            beside = sorted(os.scandir(self.folder), key=lambda entry: entry.name)
        except OSError:
            return  # told elsewhere
        for entry in beside:
            name = entry.name
            if name == "content" or name.startswith(".") or not sources.is_text(name):
                continue
            if name.lower() == "content" and not _is_same(entry.path, content):
                wanted = "content/" if _has_articles(entry.path) else ""
            elif name in sections and sources.is_folder(entry):
                wanted = f"content/{name}/" if _has_articles(entry.path) else ""
            else:
                is_article = name.endswith(".md") and _text(entry.path).startswith("---\n")
                wanted = f"content/{name}" if is_article else ""
            if wanted:
                base = f"{self.site.folder}/".lstrip("/")
                item = problem("article-outside", base + name, 0, 0, wanted=base + wanted)
                self.warnings.append(item._replace(site=self.site.slug))

    def _has_index(self, folder: str, name: str) -> bool:
        """Whether a folder in a section is an article; reports what is none."""
        index = f"{folder}/index.md"
        try:
            is_file = stat.S_ISREG(os.stat(index).st_mode)
        except FileNotFoundError:
            is_file = False
        except OSError as error:
            self._add_unlisted(error, name)
            return False
        if not is_file and _has_articles(folder):
            self._add("no-index", name)
        elif not is_file:
            entries = self._entries(Path(folder), name)
            self._check_documents(entries, name, name.partition("/")[0])
            for entry in entries:
                self._check_suffix(f"{name}/{entry.name}", "index.md")
        elif is_file and self._leaves(index):
            self._add("symlink-outside", f"{name}/index.md")
            return False
        return is_file

    def _entries(self, folder: Path, name: str) -> list["os.DirEntry[str]"]:
        """The files and folders that may be published, by name."""
        try:
            present = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._add_unlisted(error, name)
            return []
        kept = []
        for entry in present:
            inner = f"{name}/{entry.name}".lstrip("/")
            if entry.name.startswith("."):
                continue
            if not sources.is_text(entry.name):
                self._add("file-name", sources.as_text(inner))
            elif entry.is_symlink() and self._leaves(entry.path):
                self._add("symlink-outside", inner)
            else:
                kept.append(entry)
        return kept

    def _check_suffix(self, name: str, wanted: str = "") -> None:
        match = _MISNAMED.fullmatch(name)
        if not match and (match := _TEXT_FILE.fullmatch(name)):
            text = _text(f"{self.folder}/content/{name}")
            if not text.startswith("---\n") or front_matter.FENCE.search(text, 4) is None:
                return
        if match:
            self._add("article-suffix", name, wanted=wanted or match[1].rpartition("/")[2] + ".md")

    def _check_documents(
        self, entries: list["os.DirEntry[str]"], folder: str, section: str
    ) -> None:
        """Warn of documents that no article of the folder names, or was made of."""
        documents = [entry.name for entry in entries if _DOCUMENT.search(entry.name)]
        if not documents:
            return
        texts = [_text(entry.path) for entry in entries if entry.name.endswith(".md")]
        stems = {slugify(entry.name.removesuffix(".md")) for entry in entries
                 if entry.name.endswith(".md") or sources.is_folder(entry)}  # fmt: skip
        for name in documents:
            stem, _, suffix = name.rpartition(".")
            written = {normalize("NFC", name), quote(name), quote(normalize("NFC", name))}
            if slugify(stem) in stems or any(part in text for text in texts for part in written):
                continue
            code = "word-unread" if suffix.lower() == "docx" else "document-unread"
            path = self._path(f"{folder}/{name}".lstrip("/"))
            section = section or next((item.slug for item in self.site.sections), "tin-tuc")
            values = {"file": path, "slug": self.site.slug, "section": section}
            item = problem(code, path, 0, 0, **values)
            self.warnings.append(item._replace(site=self.site.slug))

    def _source(self, name: str, section: str) -> Source:
        return Source(self.site, self._path(name), name, section)

    def _path(self, name: str) -> str:
        return f"{self.site.folder}/content/{name}".strip("/")

    def _leaves(self, entry: str) -> bool:
        return sources.leaves(entry, str(self.folder))

    def _add(self, code: str, name: str, **values: Any) -> None:
        self.problems.add(problem(code, self._path(name), **values), self.site.slug)

    def _add_unlisted(self, error: OSError, name: str) -> None:
        self.problems.add(unreadable_folder(error, self._path(name)), self.site.slug)
        self.unlisted.append(self._path(name))


def unreadable_folder(error: OSError, path: str) -> Problem:
    """The problem for a folder that cannot be listed."""
    return problem("folder-unreadable", path, reason=error.strerror or type(error).__name__)


def _is_same(path: str, other: Path) -> bool:
    """Whether these are one folder, as where names differ by case only."""
    return other.exists() and os.path.samefile(path, other)


def _text(file: str) -> str:
    text = sources.read(file, "", conflicts=True)
    return "" if isinstance(text, Problem) else text


def _has_articles(folder: str) -> bool:
    return any(name.endswith(".md") for _, _, names in os.walk(folder) for name in names)
