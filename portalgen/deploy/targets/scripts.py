"""What the shell of a server is told to do with a tree, of whose files a list stands beside it."""

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
# Of a tree, `sites/$1`, the list is `$2`, seen from the tree. Where the tree, or a folder that it
# has files in, is a link, it is somebody else's and nothing is done.
# `state` says what the tree is as `state_here` says it of one here: size, time and mode of each
# file; nothing if a folder is closed to web servers. `trees` says this of each tree of site `$1`
# that should hold `$2`, and names those that were half removed.
FUNCTIONS = r"""
each() { tr '\n' '\000' | xargs -0 "$@"; }
folders() {
    awk -F/ '{ path = "."; print path; for (n = 1; n < NF; n++) print path = path "/" $n }' "$1" |
        LC_ALL=C sort -u
}
enter() {
    [ ! -L "sites/$1" ] && cd "sites/$1" && [ -f "$2" ] &&
        [ -z "$(folders "$2" | each sh -c 'find "$@" -prune -type l' find)" ]
}
state() (
    enter "$@" && [ -z "$(folders "$2" | each sh -c 'find "$@" -prune ! -perm -755' find)" ] &&
        each stat -c '%s %Y %a %n' -- < "$2" | LC_ALL=C sort | sha256sum
) 2> /dev/null
trees() {
    [ -L "sites/$1" ] || for tree in "sites/$1/$2" "sites/$1/$2"-* "sites/$1/$2"*.removing; do
        if [ -e "$tree" ] || [ -L "$tree" ]; then
            echo "$1 ${tree##*/} $(state "$1/${tree##*/}" "../${tree##*/}.files")"
        fi
    done
}
open() (
    enter "$@" && { each chmod a+r -- < "$2"; folders "$2" | each chmod a+rx --; }
) 2> /dev/null
remove() (
    enter "$@" && each rm -f -- < "$2" && find . -depth -type d -empty -delete
) 2> /dev/null
remove_release() (
    cd "releases/$1" && { [ ! -e release.json ] || mv release.json release.removing; } &&
        for link in *; do
            case $(readlink "$link") in ../../sites/*) rm -f -- "$link" ;; esac
        done && rm -f release.removing && cd ../.. && rmdir "releases/$1"
) 2> /dev/null
"""


def words(slug: str, tree: str, suffix: str = LIST) -> str:
    """What a function of these takes to work on a tree."""
    return f"{quote(f'{slug}/{tree}')} {quote(f'../{tree}{suffix}')}"


def compare(place: str, items: Iterable[Item], then: str = "") -> str:
    """A script that compares files in a folder with their digests, then goes on or fails."""
    lines = "\n".join(f"{item.sha256}  {item.path}" for item in items)
    return f"(cd {quote(place)} && sha256sum --quiet -c) << '{END}' {then}\n{lines}\n{END}\n"


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
