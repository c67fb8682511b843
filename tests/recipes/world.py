"""A small network with a target, in which the commands of the documentation are run as written.

Only the names of folders and the port of nginx are replaced: by those of the test.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.helpers import article, missing, write
from tests.real.nginx import free_port, prepare, written
from tests.recipes.blocks import Step, printed

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = """\
title: Lao Cai
language: en
base_url: https://laocai.example/
sections:
  - {slug: tin-tuc, title: News}
targets:
  - {name: may-chu, url: /srv/portal, keep: 3}
members:
  defaults:
    base_url: "https://{slug}.laocai.example/"
"""
BAI = "members/sapa/content/tin-tuc/bai.md"
# What needs a whole machine. `reload` starts nginx anew, so that the next request meets the new
# configuration; a real reload is ready a moment later.
SUDO = """\
exec "$@"
"""
SYSTEMCTL = """\
[ "$1" = reload ] || exit 0
pid=$(cat {folder}/nginx/nginx.pid)
kill -QUIT "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
exec {folder}/bin/nginx
"""

# Addresses of the network lead to the nginx of the test, in plain http.
BEHIND_NGINX = """\
case "$1 $2" in
    nginx*) set -- "$@" {options} ;;
    "verify https://"*)
        site=$2
        shift 2
        set -- verify http://127.0.0.1:{port}/ --as "$site" "$@" ;;
esac
exec {python} -m portalgen "$@"
"""
CURL = """\
for argument; do
    shift
    set -- "$@" "$(printf %s "$argument" | sed "s#^https\\(://[^/]*laocai\\)#http\\1#")"
done
exec {curl} --connect-to ::127.0.0.1:{port} "$@"
"""


class World:
    """The network, its target, and the programs that commands find."""

    def __init__(self, folder: Path):
        self.folder, self.root = folder, folder / "sources"
        self.target, self.keys = folder / "target", folder / "keys"
        self.port, self.inside = 0, []  # type: tuple[int, list[str]]
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": f"{folder}/home",
            "PYTHONPATH": str(REPOSITORY), "GIT_CONFIG_GLOBAL": "/dev/null",
            **{f"GIT_{who}_{what}": "a@laocai.example"
               for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }  # fmt: skip
        for name in ("bin", "home", "keys", "nginx"):
            (folder / name).mkdir()
        self.program("portalgen", f'exec {sys.executable} -m portalgen "$@"\n')
        self.program("sudo", SUDO)
        self.program("systemctl", SYSTEMCTL.format(folder=folder))
        self.program("journalctl", "")
        write(self.root, {
            "site.yaml": SETTINGS.replace("/srv/portal", str(self.target)),
            ".gitignore": "/public/\n/.portalgen/\n/register/\n",
            "content/tin-tuc/mot.md": article("One"),
            "members/sapa/site.yaml": "title: Sa Pa\n",
            "members/batxat/site.yaml": "title: Bat Xat\n",
            "members/batxat/content/tin-tuc/hai.md": article("Two"),
            BAI: article("A road", body="Text one of the road."),
        })  # fmt: skip

    @property
    def places(self) -> dict[str, str]:
        """What stands for what, the longest name first."""
        return {
            "/srv/portal-sources": str(self.root), "/srv/portal": str(self.target),
            "/etc/portal": str(self.keys), "/etc/nginx/conf.d": f"{self.folder}/nginx",
            "/etc/nginx/sites-enabled": f"{self.folder}/nginx",
            "/var/log/nginx": f"{self.folder}/nginx", "/var/lib/portal": f"{self.folder}/home",
            "/backup": f"{self.folder}/backup",
            "http://127.0.0.1/": f"http://127.0.0.1:{self.port}/",
        }  # fmt: skip

    def program(self, name: str, text: str) -> None:
        """A program that commands find before that of the system."""
        file = self.folder / "bin" / name
        file.write_text(f"#!/bin/sh\n{text}", "utf-8")
        file.chmod(0o755)

    def here(self, text: str) -> str:
        """A text of the documentation with the folders of this test."""
        for name, place in self.places.items():
            text = text.replace(name, place)
        return text

    def run(self, script: str) -> tuple[int, str]:
        """The exit code of commands, run in the sources, and all that they print."""
        done = subprocess.run(
            [*self.inside, "bash", "-eu", "-o", "pipefail", "-c",
             f"cd {self.root}\n{self.here(script)}"],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        output = done.stdout
        for name, place in self.places.items():
            output = output.replace(place, name)
        return done.returncode, output

    def good(self, script: str) -> str:
        """What commands print that succeed."""
        code, output = self.run(script)
        assert code == 0, output
        return output

    def follow(self, steps: list[Step]) -> None:
        """Run each step, and compare what it prints with what the document says."""
        assert steps
        for step in steps:
            self.take(step)

    def take(self, step: Step) -> None:
        """Run one step."""
        code, output = self.run(step.commands.text)
        assert code == step.commands.exit_code, f"{step.commands.text}\n{output}"
        if step.prints is not None:
            assert printed(step.prints, output), f"{step.commands.text}\n{output}"

    def edit(self, text: str) -> None:
        """Write the article of Sa Pa anew."""
        write(self.root, {BAI: article("A road", body=f"Text {text} of the road.")})

    def committed(self) -> "World":
        """The sources as a repository of git."""
        if not shutil.which("git"):
            missing("no git: install it")
        self.good("git init -q -b main; git add -A; git commit -qm All")
        return self

    def deployed(self) -> "World":
        """Two releases, between which the article of Sa Pa changed."""
        self.good("portalgen deploy may-chu")
        self.edit("two")
        self.good("portalgen deploy may-chu")
        return self

    def signed(self) -> "World":
        """With keys, of which the program that deploys knows the secret one."""
        if not shutil.which("minisign"):
            missing("no minisign: install the package of that name")
        self.good("minisign -G -W -p /etc/portal/portal.pub -s /etc/portal/portal.key")
        self.environment["PORTALGEN_SIGNING_KEY"] = f"{self.keys}/portal.key"
        return self

    def served(self) -> "World":
        """With nginx in front of the target, and curl; call `stop` at the end."""
        if not shutil.which("curl"):
            missing("no curl: install it")
        self.port = free_port()
        options = f"--listen 127.0.0.1:{self.port} --access-log {self.folder}/nginx/access.log"
        self.program("portalgen", BEHIND_NGINX.format(
            options=options, port=self.port, python=sys.executable
        ))  # fmt: skip
        self.program("curl", CURL.format(curl=shutil.which("curl"), port=self.port))
        done = written(self.root, "--document-root", f"{self.target}/current", *options.split())
        command = prepare(self.folder / "nginx", done.stdout)
        self.program("nginx", f'exec {" ".join(command)} "$@"\n')
        subprocess.run(command, check=True, capture_output=True)
        return self

    def stop(self) -> None:
        """Stop nginx, if it runs."""
        file = self.folder / "nginx/nginx.pid"
        if file.is_file():
            os.kill(int(file.read_text()), 15)
