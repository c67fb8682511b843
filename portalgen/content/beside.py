"""Files beside an article: its pictures and attachments, as they are or as last published."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from unicodedata import normalize
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from portalgen import sources
from portalgen.content import images
from portalgen.content.lint.attachments import of_attachment
from portalgen.content.model import MediaFile, Picture
from portalgen.problems import Problem, problem
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.settings.suggestions import near_name
from portalgen.text import slugify

_ON_DISK = re.compile(r"[a-zA-Z]:|file:|\\", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[a-zA-Z][\w+.-]*:|//")
# A register may come from elsewhere: no name of it leads out of `media/` or into the markup.
_MEDIA_NAME = re.compile(r"[0-9a-f]{16}-[a-z0-9-]+\.[a-z]+")


def _kind(name: str) -> str:
    """What a file is, by its ending: a picture, or the ending; empty if it is not shown."""
    ending = os.path.splitext(name)[1].lower()
    if ending in (".jpg", ".jpeg", ".png", ".webp", ".gif"):
        return "picture"
    return ending if ending in images.ATTACHMENTS else ""


class Stores(Struct, frozen=True):
    """Where files for the web are: `media`, where they are made, and the output of a build."""

    media: Path
    output: Path | None = None

    def has(self, site: str, names: Sequence[str]) -> bool:
        """Whether all of these are in `media`; what only the output has is copied from there."""
        if not all(_MEDIA_NAME.fullmatch(name) for name in names):
            return False
        copies = {}
        for name in names:
            if (self.media / name).is_file():
                continue
            if self.output is None:
                return False
            try:
                file = self.output / site / "media" / name
                copies[name] = sources.read_bytes(file, sources.MAX_FILE_BYTES)
            except OSError:
                return False
        for name, data in copies.items():
            self.media.mkdir(parents=True, exist_ok=True)
            images.write_whole(self.media / name, data)
        return True


class FilesBeside:
    """Finds the files that one article names, and remembers what came of it.

    `published` are those of its last published version. `looked_for` are all paths that decide what
    it shows now; `is_settled` is false if what was published decides, too.
    """

    def __init__(
        self, network: Network, site: Site, path: str, stores: Stores,
        published: Sequence[MediaFile] = (),
    ):  # fmt: skip
        self.network = network
        self.site = site
        self.path = path
        self.stores = stores
        self.published = published
        self.looked_for: list[str] = []
        self.used: list[MediaFile] = []
        self.is_settled = True
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.mistakes: list[Problem] = []  # what is shown all the same

    def picture(self, name: str, alt: str, place: tuple[int, int]) -> Picture | None:
        """The picture `name` for the web; None, and why, if there is none to show."""
        if _ON_DISK.match(name):
            wanted = re.split(r"[/\\]", unquote(name))[-1][:120].replace(" ", "%20")
            on_disk = problem("image-on-disk", self.path, *place, name=name[:120], wanted=wanted)
            self.warnings.append(on_disk)
            return None
        if _ELSEWHERE.match(name):
            code = "image-data" if name[:5].lower() == "data:" else "image-not-local"
            self.warnings.append(problem(code, self.path, *place, name=name[:120]))
            return None
        path = self._find(name, place, self.warnings)
        if not path:
            return None
        line, column = place
        picture, fault = images.prepare(
            self.network.root / path, self.stores.media, path=self.path, line=line, column=column,
            name=name[:400],
        )  # fmt: skip
        if fault and fault.code == "image-missing" and (near := self._near(name, path)):
            fault = problem("image-near", self.path, *place, name=name[:120], near=near[:120])
        last = None
        if fault:  # it cannot be shown, or not all of it
            last = self._last(path, fault, is_picture=True)
            if last and last.picture and picture and last.picture.stem == picture.stem:
                last = None
                self.warnings[-1] = fault  # it was published like this
            elif last:
                picture = last.picture
        if picture is None:
            return None
        self.used.append(MediaFile(path, picture, ""))
        if picture.original:
            self.used.append(MediaFile(path, None, picture.original))
            if last is None:
                animated = problem("image-animated", self.path, *place, name=name[:120])
                self.warnings.append(animated)
        return replace(picture, alt=alt)

    def attachment(self, name: str, target: str, place: tuple[int, int]) -> str | None:
        """The name in `media/` of the attachment `name`; empty, and why, if there is none.

        None: it is no file that can be attached. `target` is the link as written.
        """
        path = self._find(name, place, self.problems)
        if not path:
            return ""
        if _kind(path) == "picture" and (self.network.root / path).is_file():
            picture = problem("link-picture", self.path, *place, target=target[:120])
            self.warnings.append(picture)
            return ""
        if os.path.splitext(path)[1].lower() not in images.ATTACHMENTS:
            return None
        line, column = place
        attached = images.attach(
            self.network.root / path, self.stores.media, path=self.path, line=line, column=column,
            target=target[:120],
        )  # fmt: skip
        if isinstance(attached, Problem):
            if attached.code == "link-nowhere" and (near := self._near(name, path)):
                attached = problem(
                    "link-near", self.path, *place, target=target[:120], near=near[:120]
                )
            last = self._last(path, attached, is_picture=False)
            attached = last.name if last else ""
        else:
            file = str(self.network.root / path)
            self.mistakes += of_attachment(file, self.path, place, name)
        if attached:
            self.used.append(MediaFile(path, None, attached))
        return attached

    def _find(self, name: str, place: tuple[int, int], problems: list[Problem]) -> str:
        """The path of a file that the article names; empty, and told, if outside the content."""
        plain = unquote(name)
        folder = self.path.rpartition("/")[0]
        path = os.path.normpath(f"{folder}/{plain}").replace(os.sep, "/")
        nfd = normalize("NFD", path)  # as macOS may have stored the name
        root = self.network.root
        if nfd != path and os.path.lexists(root / nfd) and not os.path.lexists(root / path):
            path = nfd
        site_folder = str(self.network.folder(self.site))
        content = f"{self.site.folder}/content/".lstrip("/")
        malformed = "\\" in plain or "\0" in plain
        outside = malformed or not path.startswith(content)
        if outside or sources.leaves(str(root / path), site_folder):
            problems.append(problem("file-outside", self.path, *place, name=name[:120]))
            return ""
        self.looked_for.append(path)
        return path

    def _near(self, name: str, path: str) -> str:
        """What was meant by the `name` of a missing file: one with a name like it beside it."""
        folder, _, last = path.rpartition("/")
        own = self.path.rpartition("/")[0]
        if folder != own and (self.network.root / own / last).is_file():
            return last.replace(" ", "%20")
        try:
            beside = sorted(os.listdir(self.network.root / folder))
        except (OSError, ValueError):
            return ""
        beside = [file for file in beside if file != last and _kind(file)]
        last = last.rstrip(".,;:!?")
        stem, ending = os.path.splitext(last)
        alike = [file for file in beside if slugify(os.path.splitext(file)[0]) == slugify(stem)]
        if ending:
            beside = [file for file in beside if _kind(file) == _kind(last)]
            alike = [file for file in alike if file in beside] or (
                alike if _kind(last) != "picture" else []
            )
        alike.sort(key=lambda file: file.lower() != last.lower())
        near = alike[0] if alike else near_name(last, beside)
        return (name[: name.rfind("/") + 1] + near).replace(" ", "%20") if near else ""

    def _last(self, path: str, reason: Problem, *, is_picture: bool) -> MediaFile | None:
        """The file as last published, since for this `reason` it cannot be used as it is."""
        self.warnings.append(reason)
        self.is_settled = False
        wanted = normalize("NFC", path)
        for file in self.published:
            if normalize("NFC", file.path) != wanted or (file.picture is None) == is_picture:
                continue
            if self.stores.has(self.site.slug, file.names()):
                self.warnings[-1] = reason._replace(kept="file-kept")
                return file
        return None
