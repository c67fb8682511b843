"""The recipes for GitHub and GitLab, run as written; see `runner.py` for what stands for what."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.helpers import article, write
from tests.recipes.blocks import blocks, file
from tests.recipes.runner import Runner
from tests.recipes.world import BAI, REPOSITORY, World

CI = "ci.md"
GITHUB, CHECK, OFFICE = (f".github/workflows/{name}.yml" for name in ("publish", "check", "office"))
NEW = "members/batxat/content/tin-tuc/moi.md"
BROKEN = "---\ntitle: [\n---\n"


@pytest.fixture
def runner(world: World) -> Runner:
    write(world.root, {
        name: file(CI, name) for name in (".ci/offices", ".ci/only-own-office")
    })  # fmt: skip
    world.committed()
    return Runner(world)


def release(runner: Runner) -> str:
    """The commit of the release that is shown."""
    text = (runner.world.target / "current/release.json").read_text()
    match = re.search(r'"commit": ?"([^"]*)"', text)
    assert match
    return match[1]


def later(runner: Runner, seconds: int) -> str:
    """A moment as articles write it."""
    moment = time.localtime(time.time() + seconds)
    return time.strftime("%Y-%m-%d %H:%M:%S", moment) + time.strftime("%z", moment)


def test_github_publishes_and_then_only_what_changed(runner: Runner) -> None:
    first = runner.github(GITHUB, "push")
    assert "may-chu shows release" in first["publish"]
    assert release(runner) == runner.head(), "nothing has changed the checkout"
    assert runner.installed == ["pip -m pip install --require-hashes -r constraints.txt"]

    runner.world.edit("two")
    runner.push()
    second = runner.github(GITHUB, "push")
    match = re.search(r"3 sites, (\d+) new files", second["publish"])
    assert match
    assert 0 < int(match[1]) < 50
    assert release(runner) == runner.head()

    assert "publish" not in runner.github(GITHUB, "schedule"), "nothing is due"
    assert "is up to date" in runner.github(GITHUB, "workflow_dispatch")["publish"]


def test_github_publishes_what_is_due(runner: Runner) -> None:
    write(runner.world.root, {NEW: article("Later", f'"{later(runner, 3600)}"')})
    runner.push()
    runner.github(GITHUB, "push")
    due = runner.world.folder / "home/due.txt"
    commit, next_change = due.read_text().split()
    assert commit == runner.head()
    assert time.time() < int(next_change) < time.time() + 4000
    assert "publish" not in runner.github(GITHUB, "schedule")
    newest = max(runner.caches.glob("due-*"), key=lambda path: int(path.name.split("-")[1]))
    due.write_text(f"{commit} 1\n")  # as if it were later
    newest.unlink()
    runner._tar("-cf", newest, [str(due)])
    assert "publish" in runner.github(GITHUB, "schedule")


def test_github_warns_of_what_is_refused_and_publishes_the_rest(runner: Runner) -> None:
    write(runner.world.root, {NEW: BROKEN})
    runner.push()
    printed = runner.github(GITHUB, "push")["publish"]
    assert f"{NEW}:" in printed
    assert "::warning::Published" in printed


def test_github_fails_if_nothing_was_published_and_tries_again(runner: Runner) -> None:
    runner.world.target.write_text("a file in the place of the target")
    with pytest.raises(AssertionError, match="may-chu is unchanged"):
        runner.github(GITHUB, "push")
    runner.world.target.unlink()
    assert "publish" in runner.github(GITHUB, "schedule")


def test_a_bucket_and_signatures(runner: Runner) -> None:
    """The steps of the variant, with a folder in the place of the bucket."""
    world = runner.world.signed()
    settings = (world.root / "site.yaml").read_text()
    write(world.root, {"site.yaml": settings.replace("name: may-chu", "name: kho")})
    runner.push()
    del world.environment["PORTALGEN_SIGNING_KEY"]
    runner.expressions |= {
        "secrets.SIGNING_KEY": (world.keys / "portal.key").read_text().rstrip("\n"),
        **{f"secrets.{name}": "" for name in (
            "PORTALGEN_SIGNING_PASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
    }  # fmt: skip
    runner.clone()
    for step in yaml.safe_load(file(CI, "a bucket, and signatures")):
        runner._step(step, "push")
    assert "as published" in world.good(
        "portalgen verify /srv/portal/current --key /etc/portal/portal.pub"
    )
    assert release(runner) == runner.head()


def gitlab(runner: Runner, source: str) -> tuple[int, str]:
    """Run the job that publishes; variables of the type File are paths."""
    for name in ("ssh", "known"):
        (runner.world.folder / name).write_text(name)
    files = {"SSH_KEY": f"{runner.world.folder}/ssh", "KNOWN_HOSTS": f"{runner.world.folder}/known"}
    return runner.gitlab(".gitlab-ci.yml", "publish", {"CI_PIPELINE_SOURCE": source, **files})


def test_gitlab_publishes_and_then_only_what_changed(runner: Runner) -> None:
    code, printed = gitlab(runner, "push")
    assert code == 0, printed
    assert release(runner) == runner.head()
    assert (runner.world.folder / "home/.ssh/id_ed25519").read_text() == "ssh"
    installed = len(runner.installed)

    code, printed = gitlab(runner, "schedule")
    assert (code, printed) == (0, "Nothing is due.\n")
    assert len(runner.installed) == installed, "it ends before anything is installed"

    write(runner.world.root, {NEW: BROKEN, BAI: article("A road", body="Text two of the road.")})
    runner.push()
    code, printed = gitlab(runner, "push")
    match = re.search(r"3 sites, (\d+) new files", printed)
    assert match and 0 < int(match[1]) < 50, printed
    assert code == 3, "which the recipe allows, with a warning"
    assert release(runner) == runner.head()
    assert gitlab(runner, "schedule")[1] == "Nothing is due.\n"


NOBODY = "ai-do writes for no office: add a line to .ci/offices.\n"
REQUESTS: dict[str, tuple[str, dict[str, str | bytes | None], str]] = {
    "own": ("sapa-binh", {BAI: article("A better road")}, ""),
    "other": ("sapa-binh", {NEW: article("New")}, f"{NEW}: outside members/sapa/\n"),
    "root": ("sapa-binh", {"site.yaml": "title: Mine\n"}, "site.yaml: outside members/sapa/\n"),
    "all": ("webmaster-an", {"site.yaml": "title: Ours\n", NEW: article("New")}, ""),
    "nobody": ("ai-do", {BAI: article("A")}, NOBODY),
    "prefix": (
        "sapa-binh", {"members/sapa2/site.yaml": "title: A\n"},
        "members/sapa2/site.yaml: outside members/sapa/\n",
    ),
    "itself": (
        "ai-do", {".ci/offices": "ai-do *\n"}, NOBODY,
    ),
    "accents": (
        "sapa-binh", {"content/tin-tuc/bài viết.md": article("A")},
        "content/tin-tuc/bài viết.md: outside members/sapa/\n",
    ),
    "own accents": ("sapa-binh", {"members/sapa/content/tin-tuc/bài viết.md": article("A")}, ""),
    "moved": (
        "sapa-binh",
        {"members/batxat/content/tin-tuc/hai.md": None,
         "members/sapa/content/tin-tuc/hai.md": article("Two")},
        "members/batxat/content/tin-tuc/hai.md: outside members/sapa/\n",
    ),
}  # fmt: skip


def request(runner: Runner, files: dict[str, str | bytes | None]) -> str:
    """A request of some changes, as GitHub names it; its commit."""
    world = runner.world
    world.good("git switch -qc request main")
    write(world.root, files)
    world.good(f"git add -A; git commit -qm Request; git push -q {runner.repository} "
               "HEAD:refs/pull/7/head")  # fmt: skip
    commit = world.good("git rev-parse HEAD").strip()
    world.good("git switch -q main; git branch -qD request")
    return commit


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_may_touch_only_the_own_office(runner: Runner, name: str) -> None:
    author, files, expected = REQUESTS[name]
    commit = request(runner, files)
    runner.expressions |= {
        "github.event.number": "7", "github.event.pull_request.user.login": author,
        "github.event.pull_request.head.sha": commit,
    }  # fmt: skip
    if not expected:
        runner.github(OFFICE, "pull_request_target")
        return
    with pytest.raises(AssertionError) as raised:
        runner.github(OFFICE, "pull_request_target")
    assert str(raised.value).startswith(expected)


def test_a_request_has_no_links(runner: Runner) -> None:
    link = runner.world.root / "members/sapa/content/tin-tuc/la.md"
    link.symlink_to("/etc/passwd")
    commit = request(runner, {})
    script = runner.world.root / ".ci/only-own-office"
    code, printed = runner.world.run(f"sh {script} sapa-binh main {commit}")
    assert code == 1
    assert printed == "members/sapa/content/tin-tuc/la.md: a link, not a file\n"


def test_a_request_is_held_against_what_it_came_from(runner: Runner) -> None:
    """What others changed on `main` meanwhile is not its own."""
    commit = request(runner, {BAI: article("A better road")})
    write(runner.world.root, {"content/tin-tuc/mot.md": article("Uno")})
    runner.push()
    runner.world.good(f"sh .ci/only-own-office sapa-binh main {commit}")


def test_a_request_in_gitlab(runner: Runner) -> None:
    commit = request(runner, {BAI: article("A"), NEW: article("New")})
    environment = {
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "GITLAB_USER_LOGIN": "sapa-binh",
        "CI_COMMIT_SHA": commit,
    }  # fmt: skip
    runner.world.environment |= {
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "remote.origin.fetch",
        "GIT_CONFIG_VALUE_0": "+refs/pull/*:refs/remotes/pull/*",
    }  # fmt: skip
    code, printed = runner.gitlab("office, in GitLab", "office", environment)
    assert (code, printed) == (1, f"{NEW}: outside members/sapa/\n")


@pytest.mark.parametrize(
    ("path", "fine"), [("members/sapa/content/tin-tuc/sai.md", False), (NEW, True)]
)
def test_a_request_is_checked_for_its_own_mistakes(runner: Runner, path: str, fine: bool) -> None:
    """Another office's mistake, on `main` already, does not stop it."""
    write(runner.world.root, {NEW: BROKEN})
    runner.push()
    write(runner.world.root, {path: BROKEN, BAI: article("A better road")})
    runner.push()
    if fine:
        runner.github(CHECK, "pull_request")
        return
    with pytest.raises(AssertionError, match=f"^(?s:.*){path}:2: "):
        runner.github(CHECK, "pull_request")


def test_recipes_install_only_what_is_pinned() -> None:
    """The files of the checkout that steps name are there, and hold what the extras need."""
    names = set(
        re.findall(r"--require-hashes -r ([\w.-]+)", (REPOSITORY / "docs/ci.md").read_text("utf-8"))
    )
    assert names == {"constraints.txt", "constraints-publish.txt"}
    assert all((REPOSITORY / name).is_file() for name in names)


def test_every_block_of_yaml_is_tried_or_read_here() -> None:
    first = [block.text.splitlines()[0] for block in blocks(CI) if block.language == "yaml"]
    assert first == [
        f"# {name}" for name in
        (GITHUB, "a bucket, and signatures", ".gitlab-ci.yml", OFFICE, "office, in GitLab", CHECK)
    ]  # fmt: skip


def test_owners_of_what_reaches_beyond_texts_come_last() -> None:
    [text] = [block.text for block in blocks(CI) if block.text.startswith("# CODEOWNERS")]
    rules = [line.split() for line in text.splitlines()[1:]]
    assert rules[0] == ["*", "@laocai/webmasters"]
    last = [path for path, owner in rules if owner == "@laocai/webmasters"][1:]
    assert [path for path, _ in rules[-len(last) :]] == last
    assert {"/members/*/site.yaml", "/members/*/templates/"} <= set(last)


def test_the_present_environment_has_what_the_recipes_would_install() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portalgen", "--version"], cwd=Path(REPOSITORY), check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert f"=={done.stdout.split()[-1]}" in (REPOSITORY / "docs/ci.md").read_text("utf-8")
