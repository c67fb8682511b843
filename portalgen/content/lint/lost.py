"""Tell what of an article's HTML and links is not published, each at its place."""

from collections.abc import Callable, Iterable

from portalgen.content.raw_html import Loss, like
from portalgen.problems import Problem, problem
from portalgen.settings.suggestions import complete_address

_ONCE = "lost-look"  # text pasted from a word processor has hundreds
_Place = tuple[int, int]


def of_losses(
    path: str, body: str, first_line: int, losses: Iterable[Loss],
    place_of: Callable[[str], _Place],
) -> list[Problem]:  # fmt: skip
    """Warn of each loss; `place_of` knows where the body names the target of a link."""
    losses = list(losses)
    looks = [loss for loss in losses if loss.code == _ONCE]
    problems = []
    for loss in losses:
        values = dict(loss.values)
        code = loss.code
        if code == _ONCE:
            if loss is not looks[0]:
                continue
            values["count"] = str(len(looks))
        if code == "link-nowhere" and (wanted := complete_address(values["target"])):
            code, values["wanted"] = "link-without-scheme", wanted
        line, column = _place(body, first_line, loss) or place_of(values.get("target", ")"))
        problems.append(problem(code, path, line, column, **values))
    return problems


def _place(body: str, first_line: int, loss: Loss) -> _Place | None:
    """Where the tag stands; None: it was not typed, but made of Markdown."""
    at = -1
    for number, match in enumerate(like(loss.tag, r"[\s>]+").finditer(body)):
        at = match.start()
        if number == loss.before:
            break
    if at < 0:
        return None
    return first_line + body.count("\n", 0, at), at - body.rfind("\n", 0, at)
