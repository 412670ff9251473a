"""The schema of a database outside the running site: compared with what our migrations make, then made the newest."""

import re
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from blog.backup.manifest import BadBackup
from blog.backup.snapshot import opened
from blog.lib.database import Base, prepare_engine

Things = dict[tuple[str, str], list[tuple[object, list[str]]]]

# What ANALYZE makes: it stands in a site that ran for an hour, and in no fresh one.
STATISTICS = {
    "sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}
# Literals, quoted names and comments are kept as they are. What SQLite takes for part of a word is one, also beyond
# ASCII; only its own white space separates.
_TOKEN = re.compile(
    r"""[xX]?'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\[[^]]*\]?|--[^\n]*|/\*.*?(?:\*/|\Z)"""
    r"""|[\w$\x80-\U0010FFFF]+|[^ \t\n\f\r]""",
    re.DOTALL,
)
_PLAIN_NAME = re.compile(r'"([a-z_][a-z0-9_]*)"')


def engine_of(path: Path) -> Engine:
    """An engine for a file that is not the site's own; it keeps no connection open."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    prepare_engine(engine)
    return engine


def is_known(scripts: ScriptDirectory, revision: str) -> bool:
    """Whether this program has the migration that made the schema; a newer program's it has not."""
    return any(one.revision == revision for one in scripts.walk_revisions())  # not `head`, nor the beginning of one


def upgrade(scripts: ScriptDirectory, path: Path, *, to: str = "head") -> None:
    """Bring a database to the newest schema, or the one named; all of it or nothing. Raises `BadBackup`."""
    with engine_of(path).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"fn": lambda revision, _: scripts._upgrade_revs(to, revision), "target_metadata": Base.metadata},
        )
        try:
            with context.begin_transaction(), Operations.context(context):
                context.run_migrations()
        except Exception as error:
            raise BadBackup(f"the database in it cannot be brought to the schema of this program: {error}") from error


def require_own(scripts: ScriptDirectory, path: Path, *, revision: str, scratch: Path) -> None:
    """Refuse a database whose tables, indexes, triggers and views are not, word for word, those the migrations make up
    to `revision`: a trigger of somebody else's would run with every change of the site, and a default or a constraint
    can be changed so that rows mean something else. `scratch` is a folder of our own. Raises `BadBackup`.
    """
    fresh = scratch / "fresh.sqlite3"
    upgrade(scripts, fresh, to=revision)
    ours, theirs = _things(fresh), _things(path)
    fresh.unlink()
    for name, text in STATISTICS.items():
        if ("table", name) in theirs:
            ours["table", name] = [(name, _tokens(text))]
    wrong = [f"{_shown(thing)} (not ours)" for thing in theirs.keys() - ours.keys()]
    wrong += [f"{_shown(thing)} (missing)" for thing in ours.keys() - theirs.keys()]
    wrong += [f"{_shown(thing)} (changed)" for thing in ours.keys() & theirs.keys() if ours[thing] != theirs[thing]]
    if wrong:
        raise BadBackup(f"the schema in it is not the one of this program: {', '.join(sorted(wrong))}"[:300])


def _things(path: Path) -> Things:
    """Table and tokens of everything in a schema by (kind, name): nothing is left out, and nothing counts but text. A
    list, because a forger can write the same name twice.
    """
    things: Things = {}
    with opened(path) as connection:
        for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"):
            things.setdefault((str(kind), str(name)), []).append((table, _tokens(sql)))
    return things


def _tokens(sql: object) -> list[str]:
    """The words of a statement without the white space. SQLite quotes the name of a table that was renamed, which says
    the same; elsewhere quotes stay, because `"NOT" "NULL"` are words of a type and no constraint.
    """
    if not isinstance(sql, str):
        return [repr(sql)]  # none for an index that comes with a constraint
    found = _TOKEN.findall(sql)
    for place, word in enumerate(found[1:], start=1):
        plain = _PLAIN_NAME.fullmatch(word)
        if plain and found[place - 1] in ("TABLE", "REFERENCES"):
            found[place] = plain[1]
    return found


def _shown(thing: tuple[str, str]) -> str:
    """Kind and name on one line, whatever a forger put into them."""
    text = " ".join(thing)
    return text if text.isprintable() else ascii(text)
