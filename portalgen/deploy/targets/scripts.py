"""What the shell of a server is told to do with trees: beside each stands a list of its files."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from shlex import quote

from portalgen.deploy.inventory import NAME, SIGNATURE, Item
from portalgen.deploy.trees import read_record

LIST = ".files"  # the suffix of the list of a tree's files
END = "portalgen:end"  # ends such a list: no file has such a name (`routes.is_portable`)
# They take a site and the name of a tree. Where the tree, or a folder that it has files in, is a
# link, it is somebody else's and nothing is done. `state` says of a tree what `state_here` says of
# one here: size, time and mode of each file; nothing if a folder is closed to web servers.
# `trees` says it of all trees that should hold the same, and names those that are half removed.
# `remove` and `remove_release` take the record away before what it tells of, and forget it after.
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
state() (
    enter "$@" && [ -z "$(folders | each sh -c 'find "$@" -prune ! -perm -755' find)" ] &&
        each stat -c '%s %Y %a %n' -- < "$list" | LC_ALL=C sort | sha256sum
) 2> /dev/null
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
) 2> /dev/null
remove_release() (
    cd "releases/$1" && { [ ! -e release.json ] || mv release.json release.removing; } &&
        for link in *; do
            case $(readlink "$link") in ../../sites/*) rm -f -- "$link" ;; esac
        done && rm -f release.removing && cd ../.. && rmdir "releases/$1"
) 2> /dev/null
"""


def compare(place: str, items: Iterable[Item], then: str = "") -> str:
    """A script that compares files in a folder with their digests, then goes on or fails."""
    lines = "\n".join(f"{item.sha256}  {item.path}" for item in items)
    return f"(cd {quote(place)} && sha256sum -c > /dev/null) << '{END}' {then}\n{lines}\n{END}\n"


def state_here(tree: Path) -> str:
    """What a tree that was sent whole is on the server: the digest that `state` gives."""
    record = read_record(tree)
    paths = [item.path for item in record.items()] if record else []
    lines = []
    for path in (*paths, NAME, SIGNATURE):
        with suppress(FileNotFoundError):
            stat = os.stat(tree / path)
            lines.append(f"{stat.st_size} {stat.st_mtime_ns // 10**9} 644 {path}\n".encode())
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()
