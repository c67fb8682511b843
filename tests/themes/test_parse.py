from pathlib import Path
from typing import Any

import jinja2
import pytest

from portalgen.themes.parse import parse
from tests.helpers import (
    MEMBER_SETTINGS,
    article,
    network,
    page,
    run,
)


def test_a_theme_is_compiled_once_however_many_members_change_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    real = jinja2.Environment.compile

    def compile(self: jinja2.Environment, source: Any, *names: Any) -> Any:
        compiled.append(names[0])
        return real(self, source, *names)

    monkeypatch.setattr(jinja2.Environment, "compile", compile)
    counts = []
    for members in (1, 4):
        files = {}
        for number in range(members):
            files[f"members/xa-{number}/site.yaml"] = MEMBER_SETTINGS
            files[f"members/xa-{number}/templates/article.html"] = (
                '{% extends "portal/article.html" %}{% block after_body %}'
                f"<p>Riêng {number}</p>{{% endblock %}}"
            )
            files[f"members/xa-{number}/content/tin-tuc/a.md"] = article("Một")
        root = network(tmp_path / str(members), files)
        compiled.clear()
        parse.cache_clear()
        run(root)
        counts.append(len(compiled))
        for number in range(members):
            assert f"<p>Riêng {number}</p>" in page(root, f"xa-{number}/tin-tuc/a.html")
    assert counts[1] - counts[0] == 3  # only their own
