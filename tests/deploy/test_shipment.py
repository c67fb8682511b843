import errno
import gzip
import os
import subprocess
from pathlib import Path

import brotli
import pytest

from portalgen.deploy import signature
from portalgen.deploy.shipment import (
    Shipment,
    ShippedSite,
    Signer,
    load_shipment,
    open_signer,
    packed,
    read_published,
)
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError
from tests.helpers import article, network, run, tree, write

SITE = ShippedSite("sapa", {"a.html": "1", "b.html": "2"}, "inputs", "https://sapa.example/")


def shipment(site: ShippedSite = SITE, number: str = "") -> Shipment:
    return Shipment(Path(), (site,), "", Signer(number))


def test_a_tree_is_named_after_its_files_its_address_and_the_key() -> None:
    name = shipment().tree(SITE)
    same = ShippedSite("sapa", {"b.html": "2", "a.html": "1"}, "other inputs", SITE.url)
    assert shipment(same).tree(same) == name
    others = [
        ShippedSite("sapa", {"a.html": "1", "b.html": "3"}, "inputs", SITE.url),
        ShippedSite("sapa", {"a.html": "1"}, "inputs", SITE.url),
        ShippedSite("sapa", SITE.files, "inputs", "https://bacha.example/"),
    ]
    names = {shipment(site).tree(site) for site in others}
    names |= {shipment(number="a1").tree(SITE), shipment(number="b2").tree(SITE), name}
    assert len(names) == 6


def test_what_was_built_is_shipped_with_the_addresses_of_sites(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A")})
    with pytest.raises(PortalError) as raised:
        load_shipment(root, root / "public", {}, Signer())
    assert raised.value.problems[0].code == "nothing-built"
    run(root)
    loaded = load_shipment(root, root / "public", {"main": "https://tinh.example/"}, Signer())
    sites = {site.slug: site for site in loaded.sites}
    assert [*sites] == ["main", "sapa"]
    assert [sites[slug].url for slug in sites] == ["https://tinh.example/", ""]
    files = {
        f"{slug}/{route}": loaded.read(site, route)
        for slug, site in sites.items()
        for route in site.files
    }
    assert files == tree(root / "public")


def test_inputs_are_the_same_on_every_machine_and_change_with_the_sources(tmp_path: Path) -> None:
    inputs = []
    for place, title in (("a", "A"), ("b/c", "A"), ("d", "Khác")):
        (tmp_path / place).mkdir(parents=True)
        root = network(tmp_path / place, {"content/tin-tuc/a.md": article(title)})
        run(root)
        inputs.append(load_shipment(root, root / "public", {}, Signer()).sites[0].inputs)
    assert inputs[0] == inputs[1] != inputs[2]


def test_only_what_was_built_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"sapa/a.html": "x"})
    folder, digest = tmp_path / "sapa", digest_bytes(b"x")
    assert read_published(folder, "a.html", digest) == b"x"
    for route, other in (("a.html", digest_bytes(b"y")), ("b.html", digest)):
        with pytest.raises(PortalError) as raised:
            read_published(folder, route, other)
        item = raised.value.problems[0]
        assert (item.code, item.path) == ("published-changed", f"sapa/{route}")


def test_what_cannot_be_read_is_not_called_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(file: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    monkeypatch.setattr(Path, "read_bytes", closed)
    with pytest.raises(PortalError) as raised:
        read_published(tmp_path / "sapa", "a.html", "x")
    item = raised.value.problems[0]
    assert (item.code, item.path) == ("file-unreadable", "sapa/a.html")


def test_texts_are_packed_where_that_is_smaller() -> None:
    page = b"<p>Trang</p>" * 50
    forms = dict(packed("tin/a.html", page))
    assert [*forms] == ["tin/a.html.br", "tin/a.html.gz"]
    assert brotli.decompress(forms["tin/a.html.br"]) == page
    assert gzip.decompress(forms["tin/a.html.gz"]) == page
    assert packed("tin/a.html", page) == packed("tin/a.html", page)
    assert packed("a.html", b"x") == packed("a.webp", page) == []
    assert packed("a" * 248 + ".html", page) == []  # the name would be too long


def test_a_commit_is_marked_if_sources_differ_from_it(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A")})
    run(root)

    def commit() -> str:
        return load_shipment(root, root / "public", {}, Signer()).commit

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example"]
        command = ["git", "-C", str(root), *identity, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    assert commit() == ""
    git("init")
    write(root, {".gitignore": "public/\n.portalgen/\nthemes\n"})
    git("add", ".", ":(exclude)register")
    git("commit", "-m", "x")
    head = commit()  # the register, which each build writes, is no source
    assert len(head) == 40
    write(root, {"content/tin-tuc/a.md": article("B")})
    assert commit() == f"{head}-changed"


def test_without_a_key_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTALGEN_SIGNING_KEY", raising=False)
    assert open_signer() == Signer()


@pytest.mark.parametrize("error", ["no file", "no key", "no library"])
def test_a_key_that_cannot_be_opened_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    key = tmp_path / "key"
    if error != "no file":
        key.write_text("x")
    if error == "no library":

        def open_key(text: str, password: str) -> None:
            raise ImportError

        monkeypatch.setattr(signature, "open_key", open_key)
    monkeypatch.setenv("PORTALGEN_SIGNING_KEY", str(key))
    with pytest.raises(PortalError) as raised:
        open_signer()
    item = raised.value.problems[0]
    assert (item.code, dict(item.values)) == {
        "no file": ("signing-failed", {"why": os.strerror(2)}),
        "no key": ("signing-failed", {"why": "key"}),
        "no library": ("extra-missing", {"extra": "sign"}),
    }[error]
