"""Networks written inline as dictionaries of files, and builds of them."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.build import build
from portalgen.report import BuildReport, Options

NOW = 1_579_050_000  # 2020-01-15 08:00 in Lào Cai
MAIN_SETTINGS = """\
title: Cổng tỉnh
short_title: Tỉnh
base_url: https://tinh.example/
sections:
  - {slug: tin-tuc, title: Tin tức}
  - {slug: y-te, title: Y tế}
related:
  - {title: Tin liên quan, by: similarity, scope: network, limit: 5}
  - {title: Tin cùng chuyên mục, by: section, limit: 6}
members:
  defaults:
    base_url: "https://{slug}.tinh.example/"
"""
MEMBER_SETTINGS = "title: Thị xã Sa Pa\nshort_title: Sa Pa\nkind: thi-xa\n"


def grants(**members: str) -> str:
    """What the root file gives to single members, to be added to MAIN_SETTINGS."""
    lines = [f"    {slug}: {{{text}}}\n" for slug, text in members.items()]
    return "".join(["  grants:\n", *lines])


def article(title: str, date: str = "2020-01-10 16:46", body: str = "", **front: object) -> str:
    """The text of an article; other front matter as written."""
    lines = [f"title: {title}", f"date: {date}"] if date else [f"title: {title}"]
    lines += [f"{key}: {value}" for key, value in front.items()]
    return "---\n" + "\n".join(lines) + f"\n---\n{body or title}\n"


def write(root: Path, files: Mapping[str, str | bytes | None]) -> None:
    """Write files in `root`; None removes a file."""
    for name, content in files.items():
        file = root / name
        if content is None:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def network(folder: Path, files: Mapping[str, str | bytes | None]) -> Path:
    """Write a network of a main portal, the member `sapa` and `files`; return its root."""
    root = folder / "network"
    base: dict[str, str | bytes | None] = {
        "site.yaml": MAIN_SETTINGS,
        "members/sapa/site.yaml": MEMBER_SETTINGS,
    }
    write(root, {**base, **files})
    return root


def run(root: Path, output: Path | None = None, **options: object) -> BuildReport:
    """Build `root` at a fixed moment, in this process unless `jobs` says otherwise."""
    base = Options(root, output or root / "public", NOW, jobs=1)
    return build(replace(base, **options))


def problems(report: BuildReport, language: str = "vi") -> list[str]:
    """The messages of refused files in a report."""
    return [item.describe(language) for item in report.refused]


def tree(folder: Path) -> dict[str, bytes]:
    """All published files in `folder` with their bytes."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and ".portalgen" not in file.relative_to(folder).parts
    }


def unlike_clean(root: Path, clean: Path, drafts: bool = False) -> list[str]:
    """The files of `root` that differ from a build from nothing into `clean`."""
    shutil.rmtree(clean, ignore_errors=True)  # it begins with the register of `root`
    run(root, clean, use_cache=False, drafts=drafts)
    one, other = tree(root / "public"), tree(clean)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def picture(
    width: int, height: int, kind: str = "JPEG", color: object = "green", mode: str = "RGB",
    **options: object,
) -> bytes:  # fmt: skip
    """A picture of one colour, saved with `options` of Pillow."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new(mode, (width, height), color).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def page(root: Path, name: str) -> str:
    """A published page of `root`, such as `main/index.html`."""
    return (root / "public" / name).read_text("utf-8")


def missing(what: str) -> None:
    """Skip a test whose tool is missing, or fail if PORTALGEN_NO_SKIP is set."""
    if os.environ.get("PORTALGEN_NO_SKIP"):
        pytest.fail(what)
    pytest.skip(what)
