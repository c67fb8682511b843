"""Every site's own colour has enough contrast where the theme uses it."""

import pytest

from portalgen.settings.network import load_network
from portalgen.settings.site import Site
from tests.sample import REPOSITORY

SITES = load_network(REPOSITORY).sites
WHITE, SURFACE_SOFT, BRAND = "#ffffff", "#f6f3ec", "#8c1d18"  # as in theme.yaml


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)
def test_the_colour_of_a_site_has_contrast_enough(site: Site) -> None:
    brand = site.tokens.get("brand", BRAND)
    assert contrast(brand, SURFACE_SOFT) >= 4.5  # links, on the darker of the light surfaces
    assert contrast(brand, WHITE) >= 4.5  # the menu: white on it


def test_members_do_not_all_look_alike() -> None:
    assert len({site.tokens.get("brand", BRAND) for site in SITES}) >= 8
