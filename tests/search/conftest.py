import pytest


@pytest.fixture
def small_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiers so small that a few articles fill several."""
    monkeypatch.setattr("portalgen.search.layout.SIZES", (16, 4, 1))
