"""What is found at a path: order, links, devices, limits, and names that are safe to print."""

import os
from pathlib import Path

import pytest

from blog.errors import Invalid
from blog.transfer import sources
from blog.transfer.sources import survey


def test_files_come_in_the_order_of_their_names_with_the_folder_in_their_identity(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    (folder / "b").mkdir(parents=True)
    for name in ("z.md", "a.md", "b/c.md"):
        (folder / name).write_text("# x")
    assert [one.identity for one in survey(folder).files] == ["notes/a.md", "notes/b/c.md", "notes/z.md"]


def test_a_file_alone_is_known_by_the_same_identity_as_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# x")
    (alone,), (inside,), (above,) = (survey(path).files for path in (folder / "a.md", folder, tmp_path))
    assert alone.identity == inside.identity == "notes/a.md"
    assert inside.identity in above.identities and above.identity in inside.identities


def test_a_loop_of_links_is_refused_by_name_and_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# x")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "passwords.md").symlink_to("/etc/passwd")
    found = survey(folder)
    assert [one.name for one in found.files] == ["notes/a.md"]
    assert [name for name, _ in found.refused] == ["notes/loop", "notes/passwords.md"]
    assert all("link" in reason for _, reason in found.refused)


def test_a_path_that_is_a_link_to_itself_says_so(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(Invalid, match="cannot be read"):
        survey(tmp_path / "loop")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    os.mkfifo(folder / "pipe.md")
    assert survey(folder).refused == [("notes/pipe.md", "it is no plain file")]
    with pytest.raises(Invalid, match="no file and no folder"):
        survey(folder / "pipe.md")


def test_licences_and_descriptions_are_passed_over_by_name(tmp_path: Path) -> None:
    for name in ("LICENSE.txt", "README.md", ".hidden.md", "a.md"):
        (tmp_path / name).write_text("# x")
    found = survey(tmp_path)
    assert [one.path.name for one in found.files] == ["a.md"]
    assert [Path(name).name for name, _ in found.passed_over] == [".hidden.md", "LICENSE.txt", "README.md"]


def test_a_description_named_by_its_own_path_is_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# x")
    assert len(survey(tmp_path / "README.md").files) == 1


def test_hostile_names_are_written_out(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in (b"a\nRefused: b.md", b"c\x1b[31m.md", b"d\xff.md", "e\u202ef.md".encode()):
        (folder / os.fsdecode(name)).write_text("# x")
    assert [one.name for one in survey(folder).files] == [
        r"notes/a\nRefused: b.md", r"notes/c\x1b[31m.md", r"notes/d\udcff.md", r"notes/e\u202ef.md",
    ]  # fmt: skip


def test_long_names_stay_apart(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 200) / ("e" * 200)
    deep.mkdir(parents=True)
    for name in ("one.md", "two.md"):
        (deep / name).write_text("# x")
    identities = [one.identity for one in survey(tmp_path).files]
    assert len(set(identities)) == 2 and all(len(one) <= sources.MAX_IDENTITY for one in identities)


def test_folders_that_nest_too_deep_are_refused(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"d" * (sources.MAX_DEPTH + 2))
    deep.mkdir(parents=True)
    (deep / "a.md").write_text("# x")
    found = survey(tmp_path)
    assert not found.files and "deeper" in found.refused[0][1]


def test_more_files_than_one_import_takes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.md").write_text("# x")
    with pytest.raises(Invalid, match="more than 2 files"):
        survey(tmp_path)
