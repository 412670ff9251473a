"""Writing what arrived: people, write-ups and comments of an operator's import, a batch at a time."""

from collections.abc import Callable, Container, Sequence

from blog.accounts.changes import person_for_import
from blog.accounts.models import User
from blog.accounts.names import key_of_email
from blog.articles.address_queries import owners_of
from blog.articles.importing import Imported, bring_in
from blog.articles.rendering import rendered_form
from blog.comments.importing import Arrival, import_many
from blog.comments.text_checks import Prepared
from blog.errors import Invalid
from blog.followups.importing import Standing, bring_in_standing
from blog.lib.renderer import RenderedText
from blog.transfer import queries
from blog.transfer.action_lines import ActionLine
from blog.transfer.arrivals import Remark, WriteUp
from blog.transfer.bundle import UserLine
from blog.transfer.report import Report

RenderedWriteUp = tuple[WriteUp, list[RenderedText]]
RenderedRemark = tuple[Remark, list[RenderedText]]


def bring_in_people(lines: Sequence[tuple[int, UserLine]], report: Report, name: str) -> dict[int, int]:
    """Line number -> id of the person, new or here before; who cannot be one goes to the report."""
    found = {}
    here = queries.people_by_key([key_of_email(line.email) for _, line in lines])
    for number, line in lines:
        known = here.get(key_of_email(line.email))
        try:
            person = known or person_for_import(name=line.name, email=line.email, role=line.role)
        except Invalid as error:
            report.refuse(f"{name} line {number}", error)
            continue
        _count_person(report, f"{name} line {number}", line, is_known=known is not None)
        found[number] = person.id
    return found


def judge_people(lines: Sequence[tuple[int, UserLine]], report: Report, name: str) -> dict[int, int]:
    """Tell what `bring_in_people` would do, without writing; line number -> person, for those who are here."""
    here = queries.people_by_key([key_of_email(line.email) for _, line in lines])
    found: dict[int, int] = {}
    for number, line in lines:
        known = here.get(key_of_email(line.email))
        _count_person(report, f"{name} line {number}", line, is_known=known is not None)
        found |= {number: known.id} if known else {}
    return found


def _count_person(report: Report, where: str, line: UserLine, *, is_known: bool) -> None:
    report.counts["known people" if is_known else "people"] += 1
    if not is_known:
        report.arrive(where, line)


def bring_in_write_ups(batch: Sequence[RenderedWriteUp], report: Report) -> list[int]:
    """Add these write-ups; their ids, in order. An address that is taken gets a number; a former one that is taken
    stays with whom it belongs to, and goes to the report.
    """
    addresses = {key_of_email(one) for arrival, _ in batch for one in arrival.byline if "@" in one}
    people = queries.people_by_key(sorted(addresses)) if addresses else {}
    taken = owners_of([slug for arrival, _ in batch for slug in arrival.former_slugs])
    for arrival, _ in batch:
        if lost := [slug for slug in arrival.former_slugs if slug in taken]:
            report.guess(arrival.name, [f"another write-up has its former address {slug}" for slug in lost])
    return bring_in([_imported(arrival, texts, people, taken) for arrival, texts in batch])


def _imported(arrival: WriteUp, texts: list[RenderedText], people: dict[str, User], taken: Container[str]) -> Imported:
    authors = [people.get(key_of_email(one), one) for one in arrival.byline]
    return Imported(
        document=arrival.document,
        source=arrival.source,
        slug=arrival.slug,
        published_at=arrival.published_at,
        authors=tuple(one if isinstance(one, str) else one.name for one in authors),
        author_ids=frozenset(one.id for one in authors if not isinstance(one, str)),
        is_draft=arrival.is_draft,
        rendered=rendered_form(arrival.pieces, texts),
        former_slugs=tuple(slug for slug in arrival.former_slugs if slug not in taken),
    )


def bring_in_remarks(
    batch: Sequence[RenderedRemark], parents: Sequence[int | str | None], is_claimed: Callable[[int], bool]
) -> tuple[list[int], int]:
    """Add these comments; (their ids, in order, how many were here before). A parent is the id of a comment of the
    site, or the bundle's id of one that stands before it in the batch. `is_claimed` says which comments of the site
    are other lines of the same file: somebody may well say the same twice.
    """
    here = known_remarks([remark for remark, _ in batch], is_claimed)
    place_of: dict[str, int] = {}
    id_of: dict[str, int] = {}
    arrivals: list[Arrival] = []
    for (remark, texts), parent, known in zip(batch, parents, here, strict=True):
        if known is not None:
            id_of[remark.line.id] = known
            continue
        parent_id = id_of.get(parent) if isinstance(parent, str) else parent
        place_of[remark.line.id] = len(arrivals)
        arrivals.append(
            Arrival(
                article_id=remark.article_id,
                user_id=remark.user_id,
                created_at=remark.line.created_at,
                source=remark.source,
                prepared=Prepared(remark.text, texts[0].html if remark.text else "", texts[0].version),
                is_withdrawn=remark.line.is_withdrawn,
                parent_id=parent_id,
                parent_place=place_of.get(parent) if isinstance(parent, str) else None,
            )
        )
    made = import_many(arrivals)
    ids = [id_of.get(remark.line.id) or made[place_of[remark.line.id]] for remark, _ in batch]
    return ids, len(id_of)


def known_remarks(remarks: Sequence[Remark], is_claimed: Callable[[int], bool]) -> list[int | None]:
    """The comment of the site that each of these is already, or None; no two are the same one."""
    said = queries.comments_said(
        sorted({remark.article_id for remark in remarks}),
        min(remark.line.created_at for remark in remarks),
        max(remark.line.created_at for remark in remarks),
    )
    claimed: set[int] = set()
    here: list[int | None] = []
    for remark in remarks:
        same = (one for one in _same(remark, said) if one not in claimed and not is_claimed(one))
        here.append(found := next(same, None))
        claimed |= {found} if found is not None else set()
    return here


def bring_in_standings(batch: Sequence[tuple[int, ActionLine, int]], source: str) -> list[bool | Invalid]:
    """Set how actions stand, for (line number, line, write-up) each; whether each was new, or why it cannot."""
    people = queries.people_by_key(sorted({key_of_email(one) for _, line, _ in batch for one in line.people}))
    results: list[bool | Invalid] = []
    for _, line, article_id in batch:
        try:
            standing = _standing(line, people)
            is_new = bring_in_standing(article_id=article_id, row_id=line.row, standing=standing, source=source)
            results.append(is_new)
        except Invalid as error:
            results.append(error)
    return results


def _standing(line: ActionLine, people: dict[str, User]) -> Standing:
    given = line.model_dump(exclude={"type", "article", "row", "owner", "done_by", "confirmed_by"})
    owner, done_by, confirmed_by = (
        people.get(key_of_email(address)) if address else None
        for address in (line.owner, line.done_by, line.confirmed_by)
    )
    return Standing(**given, owner=owner, done_by=done_by, confirmed_by=confirmed_by)


def _same(remark: Remark, said: dict[queries.Moment, list[queries.Said]]) -> list[int]:
    """Comments that say the same: words, person and instant. One that was hidden since is known by its instant."""
    at = (remark.article_id, remark.user_id, remark.line.created_at)
    return [one.id for one in said.get(at, []) if one.text == remark.text or not one.is_visible]
