"""Reading a backup through: hashes, every page of the database, its migrations, the chain of events, the counts."""

from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from blog.backup import schema, snapshot
from blog.backup.archive import ArchiveReader, Progress
from blog.backup.creating import require_free
from blog.backup.manifest import DATABASE, BadBackup, Manifest
from blog.journal import queries


def unpack_checked(
    reader: ArchiveReader, manifest: Manifest, into: Path, *, scripts: ScriptDirectory, progress: Progress
) -> None:
    """Unpack into an empty folder of our own, where the database ends at the newest schema. Raises `BadBackup` at the
    first thing that is not as it was when the backup was made, and for a backup of a newer program.
    """
    if not schema.is_known(scripts, manifest.revision):
        raise BadBackup(
            f"the backup was made by a newer program (version {manifest.version}, schema {manifest.revision}); "
            "bring this one up to date first"
        )
    require_free(into, manifest.size)
    reader.unpack(manifest, into, progress=progress)
    database = into / DATABASE
    schema.require_own(scripts, database, revision=manifest.revision, scratch=into)  # before anything in it can run
    snapshot.examine(database)
    found = snapshot.facts_of(database)
    if (found.revision, found.journal_head) != (manifest.revision, manifest.journal_head):
        raise BadBackup("the database in it is not the one its manifest describes")
    wrong = sorted(name for name, _ in found.counts.items() ^ manifest.counts.items())
    if wrong:
        raise BadBackup(f"the rows of {', '.join(dict.fromkeys(wrong))} are not as many as the manifest says")
    missing = sorted(set(manifest.without(snapshot.pictures_of(database))) - set(manifest.lost))
    if missing:
        raise BadBackup(f"{len(missing)} pictures of the database are not in it as they were, such as {missing[0]}")
    schema.upgrade(scripts, database)
    _require_chain(database)


def _require_chain(database: Path) -> None:
    engine = schema.engine_of(database)
    with Session(engine) as session:
        broken = next(queries.broken_links(session), None)
    engine.dispose()
    if broken:
        raise BadBackup(f"its journal is broken at event {broken[0]}: {broken[1]}")
