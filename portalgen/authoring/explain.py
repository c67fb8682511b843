"""Explain why articles are related news of each other, or are not."""

import posixpath
from array import array
from contextlib import closing
from pathlib import Path, PurePath

import numpy as np
from msgspec import Struct

from portalgen import pool
from portalgen.changes.cache import Bodies
from portalgen.content.model import Article
from portalgen.content.read import plain_text
from portalgen.library import Opened, open_library
from portalgen.pages.cards import Cards
from portalgen.pages.related_blocks import related_blocks
from portalgen.problems import PortalError, Problems, problem
from portalgen.related.comparison import compare, least_score, shared_terms
from portalgen.related.neighbours import Neighbours, index_of, relate
from portalgen.related.similarity import Index, candidates, carriers_of, nearness
from portalgen.related.terms import Text, near_copy, written
from portalgen.report import Options
from portalgen.settings.site import Site
from portalgen.text import nearest

_TERMS = 12  # named of what two articles share
_UNIT = 1_000_000


class Term(Struct, frozen=True):
    """A shared term as written, its part of the score, and how many articles have it."""

    term: str
    score: float
    articles: int


class Pair(Struct, frozen=True):
    """What one article is to another: scores in millions, the strongest shared terms first.

    `reference` is what to write in `related`; `outcome` is a message code; `rank` is 0 for what is
    no neighbour; `nearness` is a factor.
    """

    path: str
    reference: str
    title: str
    outcome: str
    rank: int
    score: float
    nearness: float
    terms: list[Term]


class Explanation(Struct, frozen=True):
    """An article, the lowest score of a neighbour, and what others are to it.

    Only its neighbours in the order of their rank, or only the other one that was asked for.
    """

    language: str
    article: str
    title: str
    least: float
    pairs: list[Pair]


def explain(options: Options, name: str, other: str = "") -> Explanation:
    """Explain the related news of an article, or what another one is to it.

    Each is named by the path of its source or by its address. Raises `PortalError`.
    """

    def use(opened: Opened) -> Explanation:
        first = _find(opened, options.root, name)
        second = _find(opened, options.root, other) if other else None
        if second and second.path == first.path:
            raise PortalError([problem("explain-same", first.path)])
        return _explain(opened, options, first, second)

    return open_library(options, Problems(), use, wait=False)


def _find(opened: Opened, root: Path, name: str) -> Article:
    """The published article of a path, from the root or from here, or of an address."""
    library = opened.library
    published = {a.path: a for a in library.by_name.values() if not a.is_page}
    paths = [PurePath(name).as_posix(), name.replace("\\", "/")]
    file = Path(name).absolute()
    if file.is_relative_to(root.absolute()):
        paths.append(file.relative_to(root.absolute()).as_posix())
    paths += [f"{path.rstrip('/')}/index.md" for path in paths]  # the folder of an article
    for path in paths:
        if path in published:
            return published[path]
    cards = Cards(opened.network, library, Neighbours(), 0, {})
    for article in published.values():
        if cards.url(article) == name:
            return article
    for path in paths:
        if article_read := opened.loaded.articles.get(path):
            code = "explain-page" if article_read.is_page else "explain-unpublished"
            raise PortalError([problem(code, path)])
        if path in opened.loaded.refused:
            raise PortalError([problem("explain-refused", path)])
    hint = nearest(paths[0], sorted(published))
    code = "explain-unknown-near" if hint else "explain-unknown"
    raise PortalError([problem(code, article=name, near=hint)])


class _Side(Struct):
    """What is known of the article that is explained; `shown` are hrefs of cards by similarity."""

    cards: Cards
    site: Site
    article: Article
    index: Index
    numbers: dict[str, int]  # of articles in the index, by path
    ranks: dict[str, int]  # of neighbours, from 1, by path
    shown: set[str]
    written: dict[int, str]


def _explain(
    opened: Opened, options: Options, article: Article, other: Article | None
) -> Explanation:
    network, cache = opened.network, opened.cache
    articles = {a.path: a for a in opened.library.by_name.values() if not a.is_page}
    near = relate(articles, cache, options.jobs or pool.processors())
    index, paths = index_of(articles, cache)
    site = next(site for site in network.sites if site.slug == article.site)
    cards = Cards(network, opened.library, near, options.now, {})
    by_similarity = {block.title for block in site.related if block.by == "similarity"}
    blocks = related_blocks(cards, site, article, [article], 0)
    with closing(Bodies(cache.address())) as bodies:
        text = Text(article.title, article.lead, article.tags, plain_text(bodies(article.path)))
    side = _Side(
        cards, site, article, index,
        {path: number for number, path in enumerate(paths)},
        {path: rank for rank, path in enumerate(near.of(article.path), start=1)},
        {card.href for block in blocks if block.title in by_similarity for card in block.cards},
        written(text),
    )  # fmt: skip
    others = [other] if other else [articles[path] for path in side.ranks]
    return Explanation(
        network.main.language, article.path, article.title,
        _millions(least_score(len(paths))), [_pair(side, second) for second in others],
    )  # fmt: skip


def _pair(side: _Side, other: Article) -> Pair:
    number, of = side.numbers[side.article.path], side.numbers[other.path]
    score = int(compare(side.index, number, np.array([of]))[0])
    factor = int(nearness(side.index, number, np.array([of]))[0]) / 1000
    outcome = _outcome(side, other, number, of, score)
    terms = _terms(side.index, number, of, side.written)
    rank = side.ranks.get(other.path, 0)
    return Pair(
        other.path, _reference(side.article, other), other.title, outcome, rank,
        _millions(score), factor, terms,
    )  # fmt: skip


def _reference(article: Article, other: Article) -> str:
    """What names the other one in the front matter of the article."""
    if article.site != other.site:
        return f"portal:{other.site}/{other.name}"
    return posixpath.relpath(other.name, posixpath.dirname(article.name) or ".")


def _outcome(side: _Side, other: Article, number: int, of: int, score: int) -> str:
    """The code of a message: whether readers of the article see the other one, and why."""
    by_hand = side.article.unrelated, side.article.related
    for references, code in zip(by_hand, ("explain-excluded", "explain-picked"), strict=True):
        if any(side.cards.find_on(side.site, ref) is other for ref in references):
            return code
    if side.cards.card(other, side.site).href in side.shown:
        return "explain-shown"
    index = side.index
    if near_copy(frozenset(_sketch(index, number)), _sketch(index, of)):
        return "explain-copy"
    if other.path not in side.ranks:
        if score < least_score(len(index.ids)):
            return "explain-below"
        ids = candidates(index, number)[1::2]
        return "explain-crowded" if index.ids[of] in ids else "explain-common"
    scopes = {block.scope for block in side.site.related if block.by == "similarity"}
    if not scopes:
        return "explain-no-block"
    if scopes == {"site"} and other.site != side.site.slug:
        return "explain-elsewhere"
    return "explain-beyond"


def _sketch(index: Index, number: int) -> "array[int]":
    return array("I", index.sketches[number])


def _terms(index: Index, number: int, other: int, names: dict[int, str]) -> list[Term]:
    """The terms that add most to the score of two articles."""
    _, own, theirs = shared_terms(index, number, np.array([other]))
    own += index.starts[number]
    parts = index.impacts[own].astype(np.int64) * index.impacts[theirs]
    best = np.argsort(-parts, kind="stable")[:_TERMS]
    hashes = index.hashes[own[best]].tolist()
    carriers = carriers_of(index, own[best])
    return [
        Term(names.get(hash_, "?"), _millions(int(part)), count)
        for hash_, part, count in zip(hashes, parts[best].tolist(), carriers, strict=True)
        if part
    ]


def _millions(score: int) -> float:
    return round(score / _UNIT, 1)
