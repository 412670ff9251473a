"""The schema in a backup is the one our migrations make, word for word; anything else is refused by name."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from blog.backup.manifest import DATABASE, BadBackup
from blog.backup.schema import STATISTICS, require_own
from blog.backup.snapshot import facts_of
from blog.extensions import db
from blog.lib.migrating import alembic
from tests.backup.archives import altered, backup_of, forge, manifest_of, rewritten, run, unpacked
from tests.factories.articles import make_published
from tests.factories.comments import make_comment

BECOMES_ADMIN = """CREATE TRIGGER {name} AFTER INSERT ON comments
    BEGIN UPDATE users SET role = 'admin' WHERE id = NEW.user_id; END"""


@pytest.fixture(scope="module")
def app(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One site for all of these, in which ANALYZE ran, as in every real one: nothing here changes it."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    made = create_app({"data_dir": folder, "worker": "off"})
    make_comment(made, make_published(made))
    with made.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def whole(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backup_of(app, tmp_path_factory.mktemp("backups") / "whole.tar.gz")


def refusal(app: Flask, archive: Path, target: Path) -> str:
    """The one line that `verify` and `restore` both end with; nothing is left of a restore."""
    results = [run(app, "verify", archive), run(app, "restore", archive, "--to", target)]
    assert [result.exit_code for result in results] == [1, 1]
    assert not target.exists() or list(target.iterdir()) == []
    (first,), (second,) = (
        [line for line in result.output.splitlines() if line.startswith("Error: ")] for result in results
    )
    assert first == second
    return first


def restored_schema(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "hindsight.sqlite3")) as connection:
        return {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master")}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (BECOMES_ADMIN.format(name="sqliteXevil"), "trigger sqliteXevil (not ours)"),
        (BECOMES_ADMIN.format(name="SQLITE9"), "trigger SQLITE9 (not ours)"),
        ("CREATE VIEW sqliteZview AS SELECT * FROM users", "view sqliteZview (not ours)"),
        ("CREATE TABLE sqliteQ (a)", "table sqliteQ (not ours)"),
        ("CREATE INDEX sqliteI ON users (role)", "index sqliteI (not ours)"),
        ("CREATE UNIQUE INDEX evil ON comments (article_id)", "index evil (not ours)"),
        (
            "CREATE TRIGGER articles AFTER INSERT ON comments BEGIN DELETE FROM users; END",
            "trigger articles (not ours)",
        ),
        ('CREATE TABLE "a\n\x1b[2Jb" (c)', r"table a\n\x1b[2Jb"),
        ("CREATE VIRTUAL TABLE evil USING fts5(a)", "table evil (not ours)"),
        ("DROP INDEX ix_events_kind", "index ix_events_kind (missing)"),
        ("ALTER TABLE users ADD COLUMN more GENERATED ALWAYS AS (upper(name)) VIRTUAL", "table users (changed)"),
        ("ALTER TABLE comments RENAME COLUMN text TO words", "table comments (changed)"),
    ],
)
def test_what_the_migrations_do_not_make_is_refused_by_name(
    app: Flask, whole: Path, tmp_path: Path, statement: str, words: str
) -> None:
    forged = forge(tmp_path / "x.tar.gz", whole, database=altered(whole, tmp_path, statement))
    assert words in refusal(app, forged, tmp_path / "never")


def test_a_constraint_that_is_gone_is_missed_with_its_index(app: Flask, whole: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(unpacked(whole)[DATABASE])
        (text,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'users'").fetchone()
    unique = ", \n\tCONSTRAINT uq_users_name_key UNIQUE (name_key)"
    assert unique in text
    loose = altered(
        whole,
        tmp_path,
        text.replace(unique, "").replace("CREATE TABLE users", "CREATE TABLE others"),
        "INSERT INTO others SELECT * FROM users",
        "DROP TABLE users",
        "PRAGMA legacy_alter_table = ON",
        "ALTER TABLE others RENAME TO users",
    )
    told = refusal(app, forge(tmp_path / "x.tar.gz", whole, database=loose), tmp_path / "never")
    assert "index sqlite_autoindex_users_2 (missing), table users (changed)" in told


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("users", ("role VARCHAR(16) NOT NULL", "role VARCHAR(16) NOT NULL DEFAULT 'admin'")),
        ("users", ("about TEXT NOT NULL", "about TEXT 'NOT' 'NULL'")),
        ("users", ("about TEXT NOT NULL", 'about TEXT "NOT" "NULL"')),
        ("users", ("role VARCHAR(16) NOT NULL", "role VARCHAR(16) NOT NULL COLLATE NOCASE")),
        ("users", ("role VARCHAR(16) NOT NULL", "role VARCHAR(16) NOT NULL CHECK (role = 'admin')")),
        ("users", ("role VARCHAR(16) NOT NULL", "role VARCHAR(16) NOT/**/NULL")),
        ("users", ("about TEXT NOT NULL", "about\u00a0TEXT NOT NULL")),
        ("reviews", ("REFERENCES users", "REFERENCES tags")),
        ("sqlite_stat1", ("stat)", "stat DEFAULT 1)")),
        ("sqlite_sequence", ("seq)", "seq DEFAULT 1)")),
        ("ix_events_kind", ("(kind)", "(lower(kind))")),
        ("ix_events_kind", ("CREATE INDEX", "CREATE UNIQUE INDEX")),
        ("articles_live_needs_approval", ("'approved'", "'approved '")),
    ],
)
def test_a_text_that_was_changed_is_refused_by_name(
    app: Flask, whole: Path, tmp_path: Path, name: str, change: tuple[str, str]
) -> None:
    forged = forge(tmp_path / "x.tar.gz", whole, database=rewritten(whole, tmp_path, name, *change))
    assert f" {name} (changed)" in refusal(app, forged, tmp_path / "never")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("users", ("CREATE TABLE users (", 'CREATE  TABLE\n"users"(\t')),
        ("reviews", ("REFERENCES users (", 'REFERENCES "users"(')),
    ],
)
def test_white_space_and_the_quotes_of_a_renamed_table_change_nothing(
    app: Flask, whole: Path, tmp_path: Path, name: str, change: tuple[str, str]
) -> None:
    same = forge(tmp_path / "x.tar.gz", whole, database=rewritten(whole, tmp_path, name, *change))
    result = run(app, "verify", same)
    assert result.exit_code == 0, result.output


def test_only_the_tables_that_sqlite_keeps_for_itself_are_not_counted(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "more.sqlite3"
    path.write_bytes(altered(whole, tmp_path, "CREATE TABLE sqliteQ (a)", "INSERT INTO sqliteQ VALUES (1)"))
    assert facts_of(path).counts == {**manifest_of(whole).counts, "sqliteQ": 1}


def test_a_thing_that_is_written_twice_is_refused(app: Flask, whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.sqlite3"
    path.write_bytes(unpacked(whole)[DATABASE])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master SELECT * FROM sqlite_master WHERE name = 'ix_events_kind'")
    forged = forge(tmp_path / "x.tar.gz", whole, database=path.read_bytes())
    assert refusal(app, forged, tmp_path / "never")


def test_a_trigger_of_somebody_else_does_not_run_while_a_backup_is_migrated(app: Flask, tmp_path: Path) -> None:
    site = _downgraded(tmp_path)
    with site.app_context():
        old = backup_of(site, tmp_path / "old.tar.gz")
    evil = altered(
        old,
        tmp_path,
        "CREATE TRIGGER sqliteXevil AFTER UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'it ran'); END",
    )
    forged = forge(tmp_path / "x.tar.gz", old, database=evil)
    assert "trigger sqliteXevil (not ours)" in refusal(app, forged, tmp_path / "never")


def test_a_site_in_which_analyze_ran_is_restored_without_its_statistics(
    app: Flask, whole: Path, tmp_path: Path
) -> None:
    assert b"sqlite_stat1" in unpacked(whole)[DATABASE]
    assert not any(name.startswith("sqlite_") for name in manifest_of(whole).counts)
    assert run(app, "verify", whole).exit_code == 0
    result = run(app, "restore", whole, "--to", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert not restored_schema(tmp_path / "new") & STATISTICS.keys()
    assert "sqlite_sequence" in restored_schema(tmp_path / "new")


def test_a_site_of_an_older_schema_in_which_analyze_ran_is_restored(tmp_path: Path) -> None:
    site = _downgraded(tmp_path)
    with site.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    old = backup_of(site, tmp_path / "old.tar.gz")
    with site.app_context():
        assert manifest_of(old).revision == alembic.script_directory.get_base()
    assert run(site, "verify", old).exit_code == 0
    assert run(site, "restore", old, "--to", tmp_path / "new").exit_code == 0
    assert "kept_answers" in restored_schema(tmp_path / "new")


def test_a_schema_is_compared_with_the_one_of_its_own_revision(app: Flask, whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "newest.sqlite3"
    path.write_bytes(unpacked(whole)[DATABASE])
    with app.app_context():
        scripts = alembic.script_directory
        head, base = scripts.get_current_head(), scripts.get_base()
        assert head and base
        require_own(scripts, path, revision=head, scratch=tmp_path)
        with pytest.raises(BadBackup, match=r"index ix_action_items_board \(not ours\)"):
            require_own(scripts, path, revision=base, scratch=tmp_path)


@pytest.mark.parametrize("revision", ["head", "base", "17954", ""])
def test_a_revision_is_named_in_full(app: Flask, whole: Path, tmp_path: Path, revision: str) -> None:
    database = altered(whole, tmp_path, f"UPDATE alembic_version SET version_num = '{revision}'")
    forged = forge(tmp_path / "x.tar.gz", whole, database=database, revision=revision)
    assert "newer program" in refusal(app, forged, tmp_path / "never")


def _downgraded(tmp_path: Path) -> Flask:
    """A site of the first schema."""
    folder = tmp_path / "older"
    folder.mkdir()
    site = create_app({"data_dir": folder, "worker": "off"})
    with site.app_context():
        first = alembic.script_directory.get_base()
        assert first
        alembic.upgrade(first)
    return site
