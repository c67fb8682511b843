"""Related news of an article: picked by hand, similar, or near in its section."""

from collections.abc import Iterable, Sequence

from portalgen.content.model import Article
from portalgen.pages import contexts as c
from portalgen.pages.cards import Cards
from portalgen.settings import routes
from portalgen.settings.site import Site

SECTION_RANGE = 40  # candidates of a section on each side; more than any limit


def related_blocks(
    cards: Cards, site: Site, article: Article, listing: Sequence[Article], position: int
) -> tuple[c.Block, ...]:
    """The blocks of an article, which has this position in the listing of its section.

    Picked articles come first; excluded ones, and those of earlier blocks, are left out.
    """
    similar = [block for block in site.related if block.by == "similarity"]
    leading = next(iter(similar or site.related), None)
    excluded = {a.path for ref in article.unrelated if (a := cards.find_on(site, ref))}
    excluded.add(article.path)
    excluded_urls = {ref.target for ref in article.unrelated}
    titles = {cards.folded(article)}
    blocks = []
    for block in site.related:
        block_cards = _picked(cards, site, article, excluded) if block is leading else []
        candidates: Iterable[Article]
        if block.by == "similarity":
            candidates = map(cards.articles.__getitem__, cards.neighbours.of(article.path))
        else:
            # Older ones first, so that a new article changes no other page.
            older = listing[position + 1 : position + SECTION_RANGE]
            newer = listing[max(0, position - SECTION_RANGE) : position]
            candidates = (*older, *reversed(newer))
        for candidate in candidates:
            if len(block_cards) >= block.limit:
                break
            folded = cards.folded(candidate)
            if (
                candidate.path in excluded
                or (block.scope == "site" and candidate.site != site.slug)
                or (block.by == "similarity" and folded in titles)
                or (excluded_urls and cards.url(candidate) in excluded_urls)
            ):
                continue
            excluded.add(candidate.path)
            titles.add(folded)
            block_cards.append(cards.card(candidate, site))
        if block_cards:
            section = routes.path(site, routes.section(article.section))
            href = section if block.by == "section" else ""
            blocks.append(c.Block(block.title, href, tuple(block_cards)))
    return tuple(blocks)


def _picked(cards: Cards, site: Site, article: Article, excluded: set[str]) -> list[c.Card]:
    """Cards of the references in `related`; adds their articles to `excluded`."""
    picked = []
    for ref in article.related:
        target = cards.find_on(site, ref)
        if target and target.path not in excluded:
            picked.append(cards.card(target, site))
            excluded.add(target.path)
        elif not target and ref.target.startswith("http"):
            picked.append(c.Card(ref.target, ref.target, "", "", "", "", "", None, ""))
    return picked
