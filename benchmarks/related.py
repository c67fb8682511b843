"""How good related news is: `python -m benchmarks.related`, on the set in `related_news/`.

Three rankers name up to five articles for each of the marked ones: portalgen as it builds, tag
overlap as plain content systems have it, and TF-IDF with the cosine as textbooks have it.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from math import log, log2, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from portalgen.changes.cache import Cache
from portalgen.content.load import load_articles
from portalgen.content.model import Article
from portalgen.problems import Problems
from portalgen.related.neighbours import relate
from portalgen.settings.network import load_network

MARKED = Path(__file__).with_name("related_news")
SHOWN = 5
_SETTINGS = """\
title: Cổng tỉnh
short_title: Tỉnh
base_url: https://tinh.example/
sections: [{slug: tin-tuc, title: Tin tức}]
"""
_NOT_OURS = re.compile(r"^(?:site|section): .*\n", re.MULTILINE)  # keys of the set, not of articles
_WORD = re.compile(r"\w+")

Grades = dict[str, dict[str, int]]  # article → other → 1 or 2; what is not there is 0
Rankings = dict[str, list[str]]  # article → others, best first


def grades() -> Grades:
    """What was judged by hand."""
    marked = yaml.safe_load((MARKED / "judgements.yaml").read_text("utf-8"))
    stories: dict[str, list[str]] = marked["stories"]
    found: Grades = {}

    def judge(names: Iterable[str], grade: int) -> None:
        for one, other in combinations(names, 2):
            for a, b in ((one, other), (other, one)):
                found.setdefault(a, {})[b] = max(grade, found.get(a, {}).get(b, 0))

    for names in stories.values():
        judge(names, 2)
    for subject in marked["subjects"].values():
        judge([article for name in subject for article in stories.get(name, [name])], 1)
    for one, other in marked["copies"]:
        del found[one][other], found[other][one]
    return found


def precision(ranking: list[str], relevant: Mapping[str, int]) -> float:
    """The share of relevant ones among the first five, of as many as there can be."""
    return sum(name in relevant for name in ranking[:SHOWN]) / min(SHOWN, len(relevant))


def ndcg(ranking: list[str], relevant: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain at five, gain = grade.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).
    """

    def gain(found: Iterable[int]) -> float:
        return sum(grade / log2(place + 2) for place, grade in enumerate(found))

    best = sorted(relevant.values(), reverse=True)[:SHOWN]
    return gain(relevant.get(name, 0) for name in ranking[:SHOWN]) / gain(best)


def rankings() -> dict[str, Rankings]:
    """What each ranker names."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "content/tin-tuc").mkdir(parents=True)
        (root / "site.yaml").write_text(_SETTINGS, "utf-8")
        bodies = {}
        for file in sorted(MARKED.glob("*-*.md")):
            text = _NOT_OURS.sub("", file.read_text("utf-8"))
            bodies[file.stem] = text.split("\n---\n", 1)[1]
            (root / "content/tin-tuc" / file.name).write_text(text, "utf-8")
        cache, problems = Cache(root / "cache.sqlite"), Problems()
        articles = load_articles(load_network(root), cache, 1, problems).articles
        ours = relate(articles, cache, 1)
        cache.close()
    problems.stop_if_any()
    by_name = {Path(path).stem: article for path, article in articles.items()}
    texts = {name: f"{a.title} {a.lead} {bodies[name]}" for name, a in by_name.items()}
    return {
        "portalgen": {
            Path(path).stem: [Path(other).stem for other in ours.of(path)] for path in articles
        },
        "TF-IDF": _by_score(by_name, _cosine(texts)),
        "tag overlap": _by_score(by_name, lambda one, other: _shared_tags(by_name, one, other)),
    }


def _by_score(articles: dict[str, Article], score: Callable[[str, str], float]) -> Rankings:
    """Best first, ties by date; who scores nothing is left out."""
    return {
        one: [
            name
            for value, _, name in sorted(
                (-score(one, name), -other.date, name)
                for name, other in articles.items()
                if name != one
            )
            if value < 0
        ]
        for one in articles
    }


def _shared_tags(articles: dict[str, Article], one: str, other: str) -> float:
    return len(set(articles[one].tags) & set(articles[other].tags))


def _cosine(texts: Mapping[str, str]) -> Callable[[str, str], float]:
    counts = {name: Counter(_WORD.findall(text.lower())) for name, text in texts.items()}
    carriers = Counter(word for words in counts.values() for word in words)
    vectors = {}
    for name, words in counts.items():
        weights = {w: (1 + log(n)) * log(len(texts) / carriers[w]) for w, n in words.items()}
        length = sqrt(sum(weight * weight for weight in weights.values()))
        vectors[name] = {word: weight / length for word, weight in weights.items()}

    def score(one: str, other: str) -> float:
        return sum(w * vectors[other].get(word, 0) for word, w in vectors[one].items())

    return score


def measured() -> dict[str, tuple[float, float]]:
    """Of each ranker precision@5 and nDCG@5, the means over all articles with relevant ones."""
    judged = grades()
    return {
        ranker: (
            sum(precision(named[name], judged[name]) for name in judged) / len(judged),
            sum(ndcg(named[name], judged[name]) for name in judged) / len(judged),
        )
        for ranker, named in rankings().items()
    }


def main() -> None:
    """Print a table; with `--json FILE`, write the figures there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    file = parser.parse_args().json
    found = measured()
    print(f"{'':12} precision@{SHOWN}  nDCG@{SHOWN}")
    for ranker, (first, second) in found.items():
        print(f"{ranker:12} {first:11.3f} {second:7.3f}")
    if file:
        file.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
