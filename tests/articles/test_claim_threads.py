"""Claims stand with what answers them."""

from blog.articles.document import Claim
from blog.articles.reading import claim_threads


def claim(name: str, toward: str | None = None, stance: str = "asserts", claimant: str = "Somebody") -> Claim:
    return Claim.model_validate(
        {"id": name, "text": "It was so.", "claimant": claimant, "role": "editor", "stance": stance, "toward": toward}
    )


def shape(*claims: Claim) -> list[tuple[str | None, list[tuple[str | None, str | None]]]]:
    return [
        (thread.claim.id, [(one.id, other.id) for one, other in thread.answers]) for thread in claim_threads(claims)
    ]


def test_answers_stand_under_the_first_claim_whatever_the_order() -> None:
    assert shape(claim("c3", "c2"), claim("c2", "c1"), claim("c1"), claim("c4")) == [
        ("c1", [("c3", "c2"), ("c2", "c1")]),
        ("c4", []),
    ]


def test_only_a_dispute_of_the_claim_itself_disputes_it() -> None:
    (thread,) = claim_threads(
        [
            claim("c1"),
            claim("c2", "c1", "disputes", "Maker"),
            claim("c3", "c1", "disputes", "Maker"),
            claim("c4", "c2", "disputes", "Insider"),
            claim("c5", "c1", "supports", "Paper"),
        ]
    )
    assert thread.disputed_by == ["Maker"]


def test_claims_in_a_circle_are_all_shown_once() -> None:
    assert shape(claim("c1", "c3"), claim("c2", "c1"), claim("c3", "c2"), claim("c4", "c3")) == [
        ("c1", [("c2", "c1"), ("c3", "c2"), ("c4", "c3")]),
    ]
