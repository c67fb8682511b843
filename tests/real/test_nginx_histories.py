"""Random histories through a real nginx, with the configuration of the step before each time."""

import os
import random
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from portalgen.content.redirect_rows import marker
from tests.helpers import run, tree
from tests.real.nginx import Client, free_port, release, running, switch, written
from tests.register.readers import addresses, answer_of, url_of
from tests.register.test_histories import KINDS, World

FULL = bool(os.environ.get("PORTALGEN_FAULTS"))
HISTORIES, STEPS = (100, 12) if FULL else (3, 8)

pytestmark = pytest.mark.usefixtures("quick_themes")


def wrong_answers(client: Client, files: dict[str, bytes], ever: set[str]) -> list[str]:
    """The addresses at which the server says something else than the files do."""
    wrong = []
    folded = {name.casefold() for name in files}
    for name in sorted(ever):
        data = files.get(name)
        said = answer_of(data) if data is not None else "gone"
        if data is not None and not name.endswith(".html") and said == "gone":
            said = "page"
        if data is None and name.casefold() in folded:
            continue  # a file whose name differs by case alone took the place of an alias
        address = urlsplit(url_of(name))
        answer = client.ask(address.netloc, address.path)
        leads = said.startswith("http")
        slug, _, route = name.partition("/")
        markers = (
            set()
            if data is not None
            else {f"{slug}/.moved/{marker(f'/{route}', url_of(page))}" for page in addresses(files)}
        )
        proof = f"{slug}/.moved/{marker(f'/{route}', answer['Location'])}"
        is_right = (
            # No page can lead on from a file that moved, so an older map says that it is missing.
            (data is None and answer.status == 301 and proof in files)
            or (answer.status == 404 and not markers.isdisjoint(files))
            or (said == "page" and (answer.status, answer.text()) == (200, data))
            or (said == "gone" and answer.status == 410)
            or (leads and (answer.status, answer["Location"]) == (301, said))
            or (leads and (answer.status, answer.text()) == (200, data))  # an older map
        )
        if not is_right:
            wrong.append(f"{name}: {answer.status} {answer['Location']}, not {said}")
    return wrong


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_a_server_with_the_map_of_yesterday_is_never_wrong(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    world, port, current = World(tmp_path), free_port(), tmp_path / "current"
    for number in range(8):
        world.edit("write", number)
    before = ""
    for step in range(STEPS):
        world.now += 600
        run(world.root, now=world.now)
        files = tree(world.root / "public")
        world.ever |= addresses(files)
        release(world.root / "public", tmp_path / f"releases/{step}")
        switch(current, tmp_path / f"releases/{step}")
        result = written(
            world.root, "--document-root", str(current), "--listen", f"127.0.0.1:{port}",
            "--access-log", "off",
        )  # fmt: skip
        assert result.exit_code in (0, 3)
        configuration = result.stdout
        with running(tmp_path, before or configuration, port):
            client = Client(port)
            assert wrong_answers(client, files, world.ever) == [], world.log
            client.close()
        before = configuration
        for _ in range(chance.randint(1, 4)):
            world.edit(chance.choice(KINDS), chance.randrange(9999))
    assert len(world.ever) > 20
