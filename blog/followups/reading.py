"""What pages of actions show beside plain facts: texts as trusted HTML, words of states, the drawing of the board."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from blog.followups.board_queries import Board
from blog.followups.models import ActionItem, ActionState
from blog.followups.queries import Happening
from blog.lib.read_path import answer_once
from blog.lib.renderer import RenderedText, render_batch
from blog.lib.text import Level

VIEW_WORDS = {
    "open": "Open",
    "overdue": "Overdue",
    "done": "Done, not confirmed",
    "confirmed": "Confirmed",
    "dropped": "Dropped",
    "all": "All",
}
EMPTY_WORDS = {
    "open": "Nothing is open here.",
    "overdue": "Nothing is overdue here.",
    "done": "Nothing waits to be confirmed here.",
    "confirmed": "Nothing is confirmed here yet.",
    "dropped": "Nothing was dropped here.",
    "all": "Nothing was promised here yet.",
}
# What each entry of a history says somebody did.
HAPPENED = {
    "started": "began to work on it",
    "done": "marked it as done",
    "confirmed": "confirmed it",
    "sent_back": "sent it back: the evidence does not show it",
    "dropped": "dropped it",
    "reopened": "opened it again",
    "replaced": "The write-up promises something else in this place now, so it starts anew.",
    "imported": "The operator brought it in with this state.",
}


@dataclass(frozen=True)
class Part:
    """A stretch of the bar above the board, in percent of its length; `name` is its class."""

    name: str
    words: str
    x: float
    width: float


def texts_of(actions: Sequence[ActionItem]) -> dict[int, RenderedText]:
    """Number -> the text of the action, rendered as in its write-up."""
    made = _rendered([("inline", action.text) for action in actions])
    return {action.id: rendered for action, rendered in zip(actions, made, strict=True)}


def told(history: Sequence[Happening]) -> list[tuple[Happening, Markup]]:
    """Each entry with its reason or evidence as HTML."""
    made = _rendered([("comment", one.text) for one in history])
    return [(one, html_of(rendered)) for one, rendered in zip(history, made, strict=True)]


def html_of(rendered: RenderedText) -> Markup:
    return Markup(rendered.html)  # noqa: S704 - made by the renderer


def _rendered(items: list[tuple[Level, str]]) -> list[RenderedText]:
    made = render_batch(items)
    if any(not one.version for one in made):
        answer_once()  # the renderer was not there: what stands in for it is not kept
    return made


def parts_of(board: Board) -> list[Part]:
    """What became of everything promised, in order: overdue, open, done, confirmed, dropped. Empty without any."""
    counts = board.counts
    numbers = {
        "overdue": counts["overdue"],
        "open": counts["open"] - counts["overdue"],
        **{state.value: counts[state] for state in (ActionState.DONE, ActionState.CONFIRMED, ActionState.DROPPED)},
    }
    words = VIEW_WORDS | {"open": "Open, in time"}
    parts, x = [], 0.0
    for name, number in numbers.items():
        width = 100 * number / (counts["all"] or 1)
        if number:
            parts.append(Part(name, f"{words[name]}: {number}", round(x, 2), round(width, 2)))
        x += width
    return parts
