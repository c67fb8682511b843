from pathlib import Path

import pytest
import yaml

from portalgen.authoring.gallery import component, write_gallery
from portalgen.changes.ended import EndedBefore
from portalgen.problems import Problems
from portalgen.settings.network import load_network
from portalgen.themes.theming import load_theming
from tests.helpers import network

THEME = Path(__file__).parents[2] / "themes/portal"
COMPONENTS = [file.stem for file in sorted((THEME / "templates/components").glob("*.html"))]


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_tells_its_parameters_and_shows_itself(tmp_path: Path, name: str) -> None:
    told = yaml.safe_load((THEME / f"examples/{name}.yaml").read_text("utf-8"))
    root = network(tmp_path, {})
    theming = load_theming(load_network(root), Problems(), EndedBefore(root))["main"]
    macro = component(theming.templates.environment, name)
    assert list(told["parameters"]) == list(macro.arguments)
    assert told["about"]
    assert all(str(macro(**example)).strip().startswith("<") for example in told["examples"])


def test_the_page_shows_all_components_with_their_styles(tmp_path: Path) -> None:
    page = write_gallery(network(tmp_path, {}), tmp_path / "page")
    html = page.read_text("utf-8")
    assert all(f"<h2>{name}</h2>" in html for name in COMPONENTS)
    linked = [part.split('"')[0] for part in html.split('href="assets/')[1:]]
    assert linked
    assert all((page.parent / "assets" / name).is_file() for name in linked)
    assert (page.parent / "media/sample-480.webp").is_file()
