"""Trees from flat rows: the reading order, whatever the rows say."""

from hypothesis import given
from hypothesis import strategies as st

from blog.lib.tree import fair_share, flatten

PAIRS = st.lists(
    st.tuples(st.integers(1, 30), st.one_of(st.none(), st.integers(1, 30))), unique_by=lambda pair: pair[0], max_size=30
)


def test_replies_follow_what_they_answer() -> None:
    pairs = [(1, None), (2, 1), (3, None), (4, 1), (5, 2), (6, 3)]
    assert flatten(pairs) == [(1, 1), (2, 2), (5, 3), (4, 2), (3, 1), (6, 2)]


def test_orphans_and_circles_stand_at_the_top() -> None:
    assert flatten([(2, 9), (3, 2)]) == [(2, 1), (3, 2)]
    assert flatten([(1, 2), (2, 1), (3, 3)]) == [(1, 1), (2, 2), (3, 1)]


def test_a_chain_of_thousands_needs_no_stack() -> None:
    chain = flatten([(1, None), *((number, number - 1) for number in range(2, 20_001))])
    assert chain[-1] == (20_000, 20_000)


@given(PAIRS)
def test_every_row_comes_out_exactly_once_and_after_its_parent(pairs: list[tuple[int, int | None]]) -> None:
    order = flatten(pairs)
    assert sorted(one for one, _ in order) == sorted(one for one, _ in pairs)
    places, depths, parents = {one: i for i, (one, _) in enumerate(order)}, dict(order), dict(pairs)
    for one, depth in order:
        if depth > 1:
            parent = parents[one]
            assert parent is not None and places[parent] < places[one] and depths[parent] == depth - 1


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=50), st.integers(50, 2_000))
def test_a_share_is_the_largest_that_fits(sizes: list[int], most: int) -> None:
    share = fair_share(sizes, most=most)
    assert sum(min(size, share) for size in sizes) <= most
    if share < max(sizes):
        assert sum(min(size, share + 1) for size in sizes) > most
