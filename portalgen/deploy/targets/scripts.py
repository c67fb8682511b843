"""What the shell of a server is told to do with trees: beside each stands a list of its files."""

import hashlib
import stat
from collections.abc import Iterable, Iterator
from shlex import quote

from portalgen.deploy.compare import ACME, Entry, folders_of
from portalgen.deploy.inventory import Item
from portalgen.deploy.records import Record

LIST = ".files"  # the suffix of the list of a tree's files
END = "portalgen:end"  # ends such a list: no file has such a name (`routes.is_portable`)
# They take a site and the name of a tree. Where the tree, or a folder that it has files in, is a
# link, it is somebody else's and nothing is done. `all` lists all that stands in a tree, with mode,
# size and time; `state` is its digest, as `state_of` gives it of a record. `trees` says it of all
# trees that should hold the same, and names those that are half removed. `remove` and
# `remove_release` take the record away before what it tells of, and forget it after. `remove`
# prints the paths of what is foreign, and stays.
FUNCTIONS = r"""
each() { tr '\n' '\000' | xargs -0 "$@"; }
folders() {
    awk -F/ '{ path = "."; print path; for (n = 1; n < NF; n++) print path = path "/" $n }' \
        < "$list" | LC_ALL=C sort -u
}
enter() {
    list="../$2${3:-.files}"
    [ ! -L "sites/$1/$2" ] && cd "sites/$1/$2" && [ -f "$list" ] &&
        [ -z "$(folders | each sh -c 'find "$@" -prune -type l' find)" ]
}
all() (
    [ ! -L "sites/$1" ] && [ ! -L "sites/$1/$2" ] && [ -f "sites/$1/$2.files" ] &&
        cd "sites/$1/$2" && find . -type d -exec stat -c '%f 0 0 %n' {} + &&
        find . ! -type d -exec stat -c '%f %s %Y %n' {} +
) 2> /dev/null
state() {
    all "$@" | grep -Ev ' \./\.well-known(/acme-challenge(/.*)?)?$' | LC_ALL=C sort | sha256sum
}
acme() { [ ! -d "sites/$1/$2/.well-known/acme-challenge" ] || echo yes; }
trees() {
    [ -L "sites/$1" ] || for tree in "sites/$1/$2" "sites/$1/$2"-* "sites/$1/$2"*.removing; do
        if [ -e "$tree" ] || [ -L "$tree" ]; then
            echo "$1 ${tree##*/} $(state "$1" "${tree##*/}")"
        fi
    done
}
open() (
    enter "$@" && { each chmod a+r -- < "$list"; folders | each chmod a+rx --; }
) 2> /dev/null
remove() (
    [ ! -e "sites/$1/$2.files" ] || mv "sites/$1/$2.files" "sites/$1/$2.removing" || exit
    (enter "$@" .removing && each rm -f -- < "$list" && find . -depth -type d -exec rmdir {} +)
    rm -f "sites/$1/$2.removing"
    rmdir "sites/$1/$2" "sites/$1"
    [ -L "sites/$1/$2" ] || find "sites/$1/$2" ! -type d
) 2> /dev/null
remove_release() (
    cd "releases/$1" && { [ ! -e release.json ] || mv release.json release.removing; } &&
        for link in *; do
            case $(readlink "$link") in ../../sites/*) rm -f -- "$link" ;; esac
        done && rm -f release.json.minisig release.removing && cd ../.. && rmdir "releases/$1"
) 2> /dev/null
"""


def compare(place: str, items: Iterable[Item], then: str = "") -> str:
    """A script that compares files in a folder with their digests, then goes on or fails."""
    lines = "\n".join(f"{item.sha256}  {item.path}" for item in items)
    return f"(cd {quote(place)} && sha256sum -c > /dev/null) << '{END}' {then}\n{lines}\n{END}\n"


def state_of(record: Record) -> str:
    """What a tree that was sent whole is on the server: the digest that `state` gives."""
    forms = [form for _, route_forms in record.routes.values() for form in route_forms]
    lines = [
        f"81a4 {size} {time // 10**9} ./{path}\n".encode()
        for path, _, size, time in forms
        if not path.startswith(f"{ACME}/")
    ]
    folders = folders_of(path for path, *_ in forms) - {".well-known", ACME}
    lines += [f"41ed 0 0 ./{folder}\n".encode() for folder in folders] + [b"41ed 0 0 .\n"]
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def entries_of(listing: str) -> Iterator[Entry]:
    """What `all` lists, folders before what they hold; times are left out."""
    for line in sorted(listing.split("\n"), key=lambda line: line.partition("./")[2]):
        mode, size, _, path = [*line.split(" ", 3), "", "", "", ""][:4]
        if path.startswith("./"):
            form = int(mode, 16)
            yield Entry(path[2:], stat.S_ISDIR(form), stat.S_ISREG(form), int(size), 0)


def wrong_digests(place: str, items: Iterable[Item]) -> str:
    """A script that prints the files in a folder that have another digest than they should."""
    lines = "\n".join(f"{item.sha256}  {item.path}" for item in items)
    return (
        f"(cd {quote(place)} && sha256sum -c 2>/dev/null | sed -n 's/: FAILED.*//p') << '{END}'\n"
        f"{lines}\n{END}\n"
    )
