"""`flask import` of files and folders: published at once, known the second time, nothing half done."""

from pathlib import Path

import pytest
from flask import Flask

from blog.articles.models import Article, ArticleState
from blog.journal.models import Event
from blog.transfer import commands
from blog.transfer.reading import MAX_FILE_BYTES
from tests.conftest import MakeApp
from tests.transfer.reading import FILES
from tests.transfer.site import articles_in, rows_in, rows_of, run_export, run_import


def test_a_folder_of_every_form_is_read_and_published(app: Flask) -> None:
    result = run_import(app, FILES)
    assert result.exit_code == 0, result.output
    articles = articles_in(app)
    assert len(articles) == 10
    assert {article.state for article in articles.values()} == {ArticleState.PUBLISHED}
    assert articles["kiln-controller"].published_at is not None
    assert articles["kiln-controller"].published_at.year == 2024
    assert "10 write-ups, 2 people, 3 comments" in result.output


def test_each_write_up_leaves_an_event_that_names_its_file(app: Flask) -> None:
    run_import(app, FILES / "front")
    files = [event.data["file"] for event in rows_of(app, Event) if event.kind == "article.imported"]
    assert files == sorted(f"front/{path.name}" for path in (FILES / "front").iterdir())


def test_the_page_of_an_imported_write_up_is_there_at_once(app: Flask) -> None:
    run_import(app, FILES / "front")
    page = app.test_client().get("/postmortems/harbour-cranes-stopped-for-a-tide")
    assert page.status_code == 200 and "the tide table of another port" in page.text.lower()


def test_a_second_import_changes_nothing(app: Flask) -> None:
    run_import(app, FILES)
    before = rows_in(app)
    result = run_import(app, FILES)
    assert result.exit_code == 0 and "0 write-ups (10 here already)" in result.output
    assert rows_in(app) == before


def test_a_part_of_the_same_folder_changes_nothing_either(app: Flask) -> None:
    run_import(app, FILES)
    before = rows_in(app)
    for path in (FILES / "front", FILES / "plain" / "Lamp room dark", FILES / "bundles"):
        assert run_import(app, path).exit_code == 0
    assert rows_in(app) == before


def test_a_dry_run_reads_everything_and_writes_nothing(app: Flask) -> None:
    before = rows_in(app)
    result = run_import(app, FILES, "--dry-run")
    assert result.exit_code == 0 and "10 write-ups, 2 people, 3 comments" in result.output
    assert "nothing was written" in result.output
    assert rows_in(app) == before


def test_drafts_are_not_public(app: Flask) -> None:
    run_import(app, FILES / "front", "--draft")
    assert {article.state for article in articles_in(app).values()} == {ArticleState.DRAFT}
    assert app.test_client().get("/postmortems/harbour-cranes-stopped-for-a-tide").status_code == 404
    assert {event.kind for event in rows_of(app, Event)} == {"article.imported_as_draft"}


def test_the_report_tells_guesses_by_file(app: Flask) -> None:
    output = run_import(app, FILES / "front").output
    assert "front/old-and-impossible-times.md: left out start_time" in output
    assert "0b8f1c2d-aaaa-4bbb-8ccc-0123456789ab.md: there is no title" in output


def test_refused_files_are_named_with_a_reason_and_the_others_come_in(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "good.md").write_text("# Good\n\nwords")
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x00\x00")
    (folder / "latin.md").write_bytes("# caf\xe9".encode("latin-1"))
    (folder / "wide.md").write_bytes("# x".encode("utf-16"))
    (folder / "yaml.md").write_text("---\ntitle: [\n---\nx")
    (folder / "large.md").write_bytes(b"# x\n" + b"word " * (MAX_FILE_BYTES // 5))
    (folder / "long.md").write_text("# x\n\n" + "word " * 50_000)
    (folder / "empty.md").write_text(" \n")
    (folder / "page.html").write_text("<!doctype html><p>x")
    result = run_import(app, folder)
    assert result.exit_code == 1
    for name, reason in {
        "picture": "binary", "latin": "not UTF-8", "wide": "UTF-16", "yaml": "broken YAML",
        "large": "larger than 1 MiB", "long": "body: ", "empty": "empty", "page": "HTML",
    }.items():  # fmt: skip
        (line,) = (line for line in result.output.splitlines() if f"notes/{name}." in line)
        assert reason in line
    assert list(articles_in(app)) == ["good"]


def test_a_link_that_the_operator_names_is_followed_to_its_file_or_folder(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# Note a\n\nwords")
    (folder / "b.md").write_text("# Note b\n\nwords")
    (tmp_path / "link.md").symlink_to(folder / "a.md")
    (tmp_path / "links").symlink_to(folder)
    assert run_import(app, tmp_path / "link.md").exit_code == 0 and set(articles_in(app)) == {"note-a"}
    assert run_import(app, tmp_path / "links").exit_code == 0 and "note-b" in articles_in(app)


def test_a_folder_of_more_files_than_the_web_takes_is_read_whole(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(501):
        (folder / f"{number:03}.md").write_text(f"# Note {number}\n\nwords")
    result = run_import(app, folder, "--dry-run")
    assert result.exit_code == 0 and "501 write-ups" in result.output


def test_the_same_title_twice_gets_a_number(app: Flask, tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.md"):
        (tmp_path / name).write_text("# Same\n\nwords")
    run_import(app, tmp_path)
    assert sorted(articles_in(app)) == ["same", "same-2", "same-3"]


def test_terms_of_an_import_are_counted_like_any_others(app: Flask) -> None:
    run_import(app, FILES / "front")
    page = app.test_client().get("/postmortems/?service=crane-scheduler")
    assert page.status_code == 200 and "Harbour cranes" in page.text


def test_an_import_that_breaks_off_leaves_whole_write_ups_and_can_go_on(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"# Note {number}\n\nwords")
    write, calls = commands.changes.bring_in_write_ups, []

    def once(*given: object) -> object:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(commands, "BATCH", 2)
    monkeypatch.setattr(commands.changes, "bring_in_write_ups", once)
    run_import(app, tmp_path)
    assert sorted(articles_in(app)) == ["note-0", "note-1"]
    assert all(article.live_revision_id for article in rows_of(app, Article))
    monkeypatch.setattr(commands.changes, "bring_in_write_ups", write)
    assert "3 write-ups (2 here already)" in run_import(app, tmp_path).output
    assert len(articles_in(app)) == 5


def test_a_missing_path_and_a_site_without_tables_are_told_plainly(make_app: MakeApp, tmp_path: Path) -> None:
    missing = run_import(make_app(), tmp_path / "nothing")
    assert missing.exit_code == 1 and "cannot be read" in missing.output
    bare = make_app(data_dir=tmp_path / "bare")
    result = run_import(bare, FILES)
    assert result.exit_code == 1 and "db upgrade" in result.output and "Traceback" not in result.output


def test_an_export_as_markdown_brings_nothing_new_to_its_own_site(app: Flask, tmp_path: Path) -> None:
    run_import(app, FILES)
    run_export(app, tmp_path / "out", "--format", "markdown")
    before = rows_in(app)
    assert run_import(app, tmp_path / "out").exit_code == 0
    assert rows_in(app) == before


def test_no_test_leans_on_the_data_of_others() -> None:
    words = ("/" + "shared/", "icco" + "-postmortems", "dfds" + "-postmortems", "moj" + "-cloud-platform")
    for path in Path(__file__).parent.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert not [word for word in words if word in text], path.name
