"""Trees from flat rows: the reading order of a thread, without recursion and without walking objects of a database."""

from collections.abc import Iterable, Sequence


def flatten(pairs: Iterable[tuple[int, int | None]]) -> list[tuple[int, int]]:
    """(id, depth) of every (id, parent id), in reading order: each right after its parent and older siblings' answers.

    Depth counts from 1. Every id comes out exactly once, whatever the rows say: one whose parent is not among them
    stands at the top, and so does the first of a circle.
    """
    parents = dict(pairs)
    below: dict[int, list[int]] = {}
    tops: list[int] = []
    for one, parent in parents.items():
        if parent is None or parent not in parents:
            tops.append(one)
        else:
            below.setdefault(parent, []).append(one)
    order, seen = _walk(tops, below, set())
    for one in parents:
        if one not in seen:
            order += _walk([one], below, seen)[0]
    return order


def fair_share(sizes: Sequence[int], *, most: int) -> int:
    """The largest share such that lists of these sizes, each cut to it, hold at most `most` together; at least 1.

    Small lists stay whole and give what they do not use to the large ones.
    """
    left = most
    for place, size in enumerate(sorted(sizes)):
        share = left // (len(sizes) - place)
        if size > share:
            return max(1, share)
        left -= size
    return max(sizes, default=1)


def _walk(tops: Sequence[int], below: dict[int, list[int]], seen: set[int]) -> tuple[list[tuple[int, int]], set[int]]:
    order: list[tuple[int, int]] = []
    waiting = [(top, 1) for top in reversed(tops)]
    while waiting:
        one, depth = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        order.append((one, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(one, ()))]
    return order, seen
