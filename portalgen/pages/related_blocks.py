"""Related news under an article: what was picked by hand, what is similar, what stands near."""

from collections.abc import Iterable, Sequence

from portalgen.content.model import Article
from portalgen.pages import contexts as c
from portalgen.pages.cards import Cards
from portalgen.settings import routes
from portalgen.settings.site import Site

LOOK_AROUND = 40  # how far a block looks in a section; more than any limit


def related_blocks(
    cards: Cards, site: Site, article: Article, listing: Sequence[Article], at: int
) -> tuple[c.Block, ...]:
    """The site's blocks for an article that stands at `at` in the `listing` of its section.

    What was picked by hand leads; what was banned, or is shown above, stays out.
    """
    similar = [block for block in site.related if block.by == "similarity"]
    leading = next(iter(similar or site.related), None)
    banned = {a.path for ref in article.unrelated if (a := cards.find_on(site, ref))}
    out = {article.path} | banned
    banned_urls = {ref.target for ref in article.unrelated}
    titles = {cards.folded(article)}
    made = []
    for block in site.related:
        listed = _picked(cards, site, article, out) if block is leading else []
        candidates: Iterable[Article]
        if block.by == "similarity":
            candidates = map(cards.articles.__getitem__, cards.neighbours.of(article.path))
        else:
            # Older ones first: a new article changes no page but its own.
            older = listing[at + 1 : at + LOOK_AROUND]
            newer = listing[max(0, at - LOOK_AROUND) : at]
            candidates = (*older, *reversed(newer))
        for candidate in candidates:
            if len(listed) >= block.limit:
                break
            folded = cards.folded(candidate)
            if (
                candidate.path in out
                or (block.scope == "site" and candidate.site != site.slug)
                or (block.by == "similarity" and folded in titles)
                or (banned_urls and cards.url(candidate) in banned_urls)
            ):
                continue
            out.add(candidate.path)
            titles.add(folded)
            listed.append(cards.card(candidate, site))
        if listed:
            section = routes.path(site, routes.section(article.section))
            href = section if block.by == "section" else ""
            made.append(c.Block(block.title, href, tuple(listed)))
    return tuple(made)


def _picked(cards: Cards, site: Site, article: Article, out: set[str]) -> list[c.Card]:
    """Cards of the references in `related`; adds to `out` what they show."""
    picked = []
    for ref in article.related:
        target = cards.find_on(site, ref)
        if target and target.path not in out:
            picked.append(cards.card(target, site))
            out.add(target.path)
        elif not target and ref.target.startswith("http"):
            picked.append(c.Card(ref.target, ref.target, "", "", "", "", "", None, ""))
    return picked
