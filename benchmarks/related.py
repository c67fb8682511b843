"""Quality of related news on the set in `related_news/`: `python -m benchmarks.related`.

Four rankers select up to five articles for each judged one: portalgen as it builds, tag overlap as
in plain content management systems, textbook TF-IDF with cosine similarity, and BM25 with the words
of an article as the query.
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
_NOT_OURS = re.compile(r"^(?:site|section): .*\n", re.MULTILINE)  # keys of the set alone
_WORD = re.compile(r"\w+")

Grades = dict[str, dict[str, int]]  # article → other → 1 or 2; missing: 0
Rankings = dict[str, list[str]]  # article → others, best first


def grades() -> Grades:
    """The grades judged by hand."""
    judgements = yaml.safe_load((MARKED / "judgements.yaml").read_text("utf-8"))
    stories: dict[str, list[str]] = judgements["stories"]
    result: Grades = {}

    def judge(names: Iterable[str], grade: int) -> None:
        for first, second in combinations(names, 2):
            for a, b in ((first, second), (second, first)):
                result.setdefault(a, {})[b] = max(grade, result.get(a, {}).get(b, 0))

    for names in stories.values():
        judge(names, 2)
    for subject in judgements["subjects"].values():
        judge([article for name in subject for article in stories.get(name, [name])], 1)
    for first, second in judgements["copies"]:
        del result[first][second], result[second][first]
    return result


def precision(ranking: list[str], relevant: Mapping[str, int]) -> float:
    """Precision at five, out of as many relevant articles as there can be."""
    return sum(name in relevant for name in ranking[:SHOWN]) / min(SHOWN, len(relevant))


def ndcg(ranking: list[str], relevant: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain at five; the gain is the grade.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).
    """

    def gain(values: Iterable[int]) -> float:
        return sum(grade / log2(place + 2) for place, grade in enumerate(values))

    best = sorted(relevant.values(), reverse=True)[:SHOWN]
    return gain(relevant.get(name, 0) for name in ranking[:SHOWN]) / gain(best)


def rankings() -> dict[str, Rankings]:
    """The rankings of each ranker."""
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
        "BM25": _by_score(by_name, _bm25(texts)),
        "tag overlap": _by_score(by_name, lambda a, b: _shared_tags(by_name, a, b)),
    }


def _by_score(articles: dict[str, Article], score: Callable[[str, str], float]) -> Rankings:
    """Rank best first, ties by date, without those that score 0."""
    return {
        name: [
            other
            for value, _, other in sorted(
                (-score(name, other), -article.date, other)
                for other, article in articles.items()
                if other != name
            )
            if value < 0
        ]
        for name in articles
    }


def _shared_tags(articles: dict[str, Article], a: str, b: str) -> float:
    return len(set(articles[a].tags) & set(articles[b].tags))


def _cosine(texts: Mapping[str, str]) -> Callable[[str, str], float]:
    counts = {name: Counter(_WORD.findall(text.lower())) for name, text in texts.items()}
    carriers = Counter(word for words in counts.values() for word in words)
    vectors = {}
    for name, words in counts.items():
        weights = {w: (1 + log(n)) * log(len(texts) / carriers[w]) for w, n in words.items()}
        length = sqrt(sum(weight * weight for weight in weights.values()))
        vectors[name] = {word: weight / length for word, weight in weights.items()}

    def score(a: str, b: str) -> float:
        return sum(weight * vectors[b].get(word, 0) for word, weight in vectors[a].items())

    return score


def _bm25(texts: Mapping[str, str]) -> Callable[[str, str], float]:
    """Source: Robertson and Zaragoza, "The probabilistic relevance framework" (2009)."""
    saturation, length_weight = 1.2, 0.75
    counts = {name: Counter(_WORD.findall(text.lower())) for name, text in texts.items()}
    carriers = Counter(word for words in counts.values() for word in words)
    rarity = {w: log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for w, n in carriers.items()}
    mean = sum(words.total() for words in counts.values()) / len(counts)

    def score(a: str, b: str) -> float:
        words = counts[b]
        norm = saturation * (1 - length_weight + length_weight * words.total() / mean)
        return sum(
            rarity[word] * words[word] * (saturation + 1) / (words[word] + norm)
            for word in counts[a].keys() & words.keys()
        )

    return score


def measured() -> dict[str, tuple[float, float, float]]:
    """Of each ranker, over all articles with relevant ones: mean precision@5 and nDCG@5.

    And the share of those articles without a relevant one among the first five.
    """
    judged = grades()
    return {
        ranker: (
            sum(precision(ranking[name], judged[name]) for name in judged) / len(judged),
            sum(ndcg(ranking[name], judged[name]) for name in judged) / len(judged),
            sum(judged[name].keys().isdisjoint(ranking[name][:SHOWN]) for name in judged)
            / len(judged),
        )
        for ranker, ranking in rankings().items()
    }


def shown_to_lonely() -> dict[str, float]:
    """How many articles a ranker shows, of five, below one without relevant ones."""
    judged = grades()
    return {
        ranker: sum(len(others[:SHOWN]) for name, others in ranking.items() if name not in judged)
        / len(ranking.keys() - judged.keys())
        for ranker, ranking in rankings().items()
    }


def main() -> None:
    """Print a table; with `--json FILE`, also write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    file = parser.parse_args().json
    figures = measured()
    print(f"{'':12} precision@{SHOWN}  nDCG@{SHOWN}  without a good one")
    for ranker, (first, second, third) in figures.items():
        print(f"{ranker:12} {first:11.3f} {second:7.3f} {third:19.3f}")
    counts = ", ".join(f"{ranker} {count:.2f}" for ranker, count in shown_to_lonely().items())
    print(f"shown where nothing is relevant: {counts}")
    if file:
        file.write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main()
