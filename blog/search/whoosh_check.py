"""Looking at an index without changing it: can it be opened, is it whole, how much of it is dead."""

import os
import time

from blog.search.engine import IndexUnavailable, Status
from blog.search.whoosh_folder import Folder
from blog.search.whoosh_reader import Readers, View


def examine(folder: Folder, *, deep: bool) -> Status:
    """See SearchEngine.check."""
    locked = folder.is_locked("writer") or folder.is_locked("rebuild")
    readers = Readers(folder, clock=time.monotonic)
    try:
        with readers.reading() as view:
            problems = _problems(folder, view, deep=deep)
            return Status(
                openable=True,
                documents=view.documents,
                articles=view.catalogue.count,
                deleted=sum(len(leaf.deleted) for leaf in view.leaves),
                mark=view.mark,
                locked=locked,
                problems=tuple(problems),
            )
    except IndexUnavailable as error:
        return Status(openable=False, locked=locked, problems=(str(error),))
    except Exception as error:  # a damaged index raises anything, from struct.error to UnpicklingError
        problem = f"The search index is damaged ({type(error).__name__}: {error})."
        return Status(openable=False, locked=locked, problems=(problem,))
    finally:
        readers.close()


def _problems(folder: Folder, view: View, *, deep: bool) -> list[str]:
    problems = []
    if not os.access(folder.current(), os.W_OK | os.X_OK):
        problems.append("The search folder cannot be written, so nothing new will be found.")
    keys = [
        card.key
        for leaf in view.leaves
        for docnum, card in enumerate(leaf.segment.cards)
        if card is not None and docnum not in leaf.deleted
    ]
    if len(keys) != len(set(keys)):
        problems.append(f"{len(keys) - len(set(keys))} documents are in the index twice.")
    if deep:
        for leaf in view.leaves:
            for fieldname, term in leaf.reader.all_terms():
                _read_all(leaf.reader.postings(fieldname, term), len(leaf.segment.cards))
    return problems


def _read_all(matcher: object, documents: int) -> None:
    """Decode every posting of a term. Raises ValueError, or what the damaged bytes raise."""
    last = -1
    numbers = matcher.all_ids()  # type: ignore[attr-defined]  # whoosh has no types
    for number in numbers:
        if not last < number < documents:
            raise ValueError(f"a posting names document {number} of {documents}")
        last = number
