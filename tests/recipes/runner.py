"""A runner for the recipes of GitHub and GitLab, as far as these need one.

Each job begins with a fresh clone, caches are archives as theirs are, and `run:` is run as written.
What installs packages does nothing: the present environment takes their place. ssh and a bucket
are a folder.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.recipes.blocks import file
from tests.recipes.world import World

PYTHON = """\
[ "$1 $2" = "-m pip" ] && exec {bin}/pip "$@"
exec {python} "$@"
"""
NOTED = """\
echo "$(basename "$0") $*" >> {folder}/installed
"""


class Runner:
    """The repository, what its caches hold, and the variables of the service."""

    def __init__(self, world: World):
        self.world, self.caches = world, world.folder / "caches"
        self.work, self.repository = world.folder / "work", world.folder / "portal.git"
        for folder in (self.caches, world.folder / "temporary"):
            folder.mkdir()
        self.expressions: dict[str, str] = {
            "secrets.SSH_KEY": "secret",
            "vars.KNOWN_HOSTS": "known",
        }
        self.outputs: dict[str, str] = {}
        for name in ("pip", "apt-get"):
            world.program(name, NOTED.format(folder=world.folder))
        python = PYTHON.format(bin=world.folder / "bin", python=sys.executable)
        world.program("python", python)
        world.good(f"git clone -q --bare . {self.repository}")

    @property
    def installed(self) -> list[str]:
        """What was installed, in place of which nothing happened."""
        file = self.world.folder / "installed"
        return file.read_text().splitlines() if file.is_file() else []

    def push(self) -> None:
        """Commit what changed in the sources, and push it."""
        self.world.good(f"git add -A; git commit -qm More; git push -q {self.repository} HEAD:main")

    def clone(self, depth: str = "1") -> None:
        """A fresh checkout, with new times."""
        shutil.rmtree(self.work, ignore_errors=True)
        depth_option = [f"--depth={depth}"] if depth != "0" else []
        self._git("clone", "-q", *depth_option, f"file://{self.repository}", str(self.work))

    def _git(self, *arguments: str) -> str:
        environment = self.world.environment
        return subprocess.run(
            ["git", *arguments], env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def head(self) -> str:
        return self._git("-C", str(self.repository), "rev-parse", "main")

    def shell(self, script: str, environment: Mapping[str, str]) -> tuple[int, str]:
        """Run a script in the checkout, as both services do."""
        assert "${{" not in script, "values come by the environment: a shell would read them"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=self.work,
            env={**self.world.environment, **environment}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done.returncode, done.stdout

    def value(self, text: object) -> str:
        """A text with its expressions."""
        return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda m: self.expressions[m[1]], str(text))

    def github(self, path: str, event: str) -> dict[str, str]:
        """Run a workflow of the documentation; what each of its jobs printed."""
        workflow = yaml.safe_load(file("ci.md", path))
        run = len(list(self.caches.iterdir()))
        self.expressions |= {"github.run_id": str(run), "github.run_attempt": "1"}
        printed = {}
        for name, job in workflow["jobs"].items():
            assert job["timeout-minutes"] <= 30
            permissions = job.get("permissions", workflow["permissions"])
            assert permissions in ({}, {"contents": "read"})
            if "if" in job:
                assert job["if"] == "needs.due.outputs.go == 'true'"
                if self.outputs["go"] != "true":
                    continue
            temporary = self.world.folder / "temporary"
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            printed[name] = "".join(self._step(step, event) for step in job["steps"])
        return printed

    def _step(self, step: Mapping[str, Any], event: str) -> str:
        if "run" not in step:
            self._use(step["uses"].split("@")[0], step["with"])
            return ""
        self.work.mkdir(exist_ok=True)
        output = self.world.folder / "outputs"
        output.write_text("")
        code, printed = self.shell(step["run"], {
            "GITHUB_EVENT_NAME": event, "GITHUB_SHA": self.head(), "GITHUB_OUTPUT": str(output),
            "RUNNER_TEMP": f"{self.world.folder}/temporary",
            **{name: self.value(text) for name, text in step.get("env", {}).items()},
        })  # fmt: skip
        assert code == 0, printed
        self.outputs |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        return printed

    def _use(self, action: str, options: Mapping[str, Any]) -> None:
        if action == "actions/checkout":
            self.clone(str(options.get("fetch-depth", 1)))
        elif action == "actions/cache/restore":
            prefix = options["restore-keys"]
            assert self.value(options["key"]).startswith(prefix)
            newest = max(self.caches.glob(f"{prefix}*"), key=_number, default=None)
            if newest:
                self._tar("-xf", newest, [])
        elif action == "actions/cache/save":
            paths = [os.path.expanduser(path) for path in options["path"].split()]
            home = self.world.environment["HOME"]
            paths = [path.replace(os.path.expanduser("~"), home) for path in paths]
            self._tar("-cf", self.caches / self.value(options["key"]), paths)
        else:
            assert action == "actions/setup-python"

    def _tar(self, way: str, archive: Path, paths: list[str]) -> None:
        command = ["tar", "--posix", "-P", way, str(archive), *paths]
        subprocess.run(command, cwd=self.work, check=True)

    def gitlab(self, path: str, name: str, environment: Mapping[str, str]) -> tuple[int, str]:
        """Run a job of GitLab; its exit code and what it printed."""
        job = yaml.safe_load(file("ci.md", path))[name]
        assert job["timeout"].endswith(" minutes")
        self.clone(str(job.get("variables", {}).get("GIT_DEPTH", 20)))
        kept = self.caches / "gitlab"
        for folder in job.get("cache", {}).get("paths", []) if kept.is_dir() else []:
            shutil.copytree(kept, self.work / folder, copy_function=shutil.copyfile)
        code, printed = self.shell("\n".join(job["script"]), {
            "CI_COMMIT_SHA": self.head(), "CI_PROJECT_DIR": str(self.work), **environment,
        })  # fmt: skip
        for folder in job.get("cache", {}).get("paths", []):
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(self.work / folder, kept)
        return code, printed


def _number(archive: Path) -> int:
    return int(archive.name.split("-")[1])
