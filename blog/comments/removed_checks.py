"""What somebody typed and readers will not get, in sentences for the preview: nothing is swallowed without a word."""

from collections import Counter

from blog.lib.renderer import RenderedText
from blog.lib.text import dropped_characters

AS_TYPED = "This is too long or too deeply nested in one place to be formatted, so it shows as typed."


def told(text: str, rendered: RenderedText) -> tuple[str, ...]:
    """A sentence for each kind of thing that was taken out, or shows as typed."""
    dropped = dropped_characters(text)
    sentences = [f"{_were(dropped, 'character')} taken out that nobody can see."] if dropped else []
    if rendered.fell_back:
        return (*sentences, AS_TYPED)
    counts: dict[str, Counter[str]] = {}
    for what, name, count in rendered.removed:
        counts.setdefault(what, Counter())[name] += count
    return (*sentences, *(_SENTENCES[what](counts[what]) for what in _SENTENCES if what in counts))


def _addresses(found: Counter[str]) -> str:
    number, schemes = found.total(), ", ".join(name for name in found if name)
    lost = "1 link lost its address" if number == 1 else f"{number} links lost their addresses"
    return f"{lost}{f' ({schemes})' if schemes else ''}: links lead to http, https, mailto, or a page of this site."


def _tags(found: Counter[str]) -> str:
    names = (f"<{name}>" if count == 1 else f"<{name}> ({count} times)" for name, count in found.items())
    return f"HTML shows as typed and does nothing: {', '.join(names)}."


def _pictures(found: Counter[str]) -> str:
    return f"{_were(found.total(), 'picture')} left as typed: comments hold links, not pictures."


def _attributes(found: Counter[str]) -> str:
    return f"Taken out: {', '.join(found)}."


def _were(number: int, noun: str) -> str:
    return f"1 {noun} was" if number == 1 else f"{number} {noun}s were"


_SENTENCES = {"address": _addresses, "tag": _tags, "picture": _pictures, "attribute": _attributes}
