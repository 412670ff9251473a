"""Writing the Whoosh index: batches in one commit, and a whole new index beside the old one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from whoosh.index import create_in, open_dir

from blog.search.engine import Operation, Put, SearchDocument
from blog.search.whoosh_folder import Backlog, Folder
from blog.search.whoosh_pool import Writer
from blog.search.whoosh_schema import MARK_KEY, fields_of, make_schema, mark_fields


def coalesce(batch: Sequence[Operation]) -> list[Operation]:
    """Keep the last operation on each key: a Whoosh writer does not see its own uncommitted documents."""
    return list({operation.key: operation for operation in batch}.values())


def write_batch(path: Path, batch: Sequence[Operation], mark: int, *, limitmb: int) -> None:
    """Do the batch and store the mark, in one commit."""
    writer = Writer(open_dir(str(path), schema=make_schema()), limitmb=limitmb)
    try:
        for operation in coalesce(batch):
            writer.delete_by_term("key", operation.key)
            if isinstance(operation, Put):
                writer.add_document(**fields_of(operation.document))
        writer.delete_by_term("key", MARK_KEY)
        writer.add_document(**mark_fields(mark))
    except BaseException:
        writer.cancel()
        raise
    writer.commit()


def build(path: Path, documents: Iterable[SearchDocument], mark: int, *, limitmb: int) -> None:
    """Fill an empty directory with one segment. Of several documents with one key the first counts."""
    create_in(str(path), make_schema())
    writer = Writer(open_dir(str(path), schema=make_schema()), limitmb=limitmb)
    seen: set[str] = set()
    try:
        for document in documents:
            if document.key not in seen:
                seen.add(document.key)
                writer.add_document(**fields_of(document))
        writer.add_document(**mark_fields(mark))
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)


def rebuild(folder: Folder, documents: Iterable[SearchDocument], mark: int, *, limitmb: int) -> None:
    """Build beside, catch up with what was applied meanwhile, switch. A crash at any point leaves the old index."""
    folder.prepare()
    backlog = Backlog(folder.root)
    with folder.locked("rebuild"):
        with folder.locked("writer"):
            backlog.clear()
        path = folder.make()
        try:
            build(path, documents, mark, limitmb=limitmb)
            with folder.locked("writer"):
                for batch, applied in backlog.read():
                    mark = max(mark, applied)
                    write_batch(path, batch, mark, limitmb=limitmb)
                folder.switch_to(path)
                backlog.clear()
        except BaseException:
            folder.discard(path)
            raise
        folder.discard_all_but(path)
