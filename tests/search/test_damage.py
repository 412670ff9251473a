"""A missing, broken, foreign or locked index: one error, a check that names it, a rebuild that heals it."""

import gc
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from blog.search.engine import Delete, IndexUnavailable, Put, SearchDocument
from blog.search.language import parse
from blog.search.whoosh_engine import WhooshEngine
from blog.search.whoosh_folder import POINTER
from blog.search.whoosh_schema import SCHEMA_VERSION
from tests.search.documents import article, comment

pytestmark = [
    # Whoosh drops a file it could not read without closing it; the collector does that a moment later.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NOBODY = 65534
DOCUMENTS = [article(n, f"kiro word{n} deleted the environment", tags=("dns",)) for n in range(40)]
FORK = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def dropped_files_are_collected_here() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a good index of 40 articles and a comment, in two segments."""
    engine = WhooshEngine(tmp_path / "index")
    engine.rebuild(iter(DOCUMENTS), 5)
    engine.apply([Put(comment(1, 1, "kiro again"))], 6)
    engine.close()
    return tmp_path / "index"


def current(root: Path) -> Path:
    return root / (root / POINTER).read_text().split()[2]


def largest(root: Path, suffix: str) -> Path:
    return max(current(root).glob(f"*{suffix}"), key=lambda path: path.stat().st_size)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def scramble(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


def remove_root(root: Path) -> None:
    shutil.rmtree(root)


def empty_root(root: Path) -> None:
    shutil.rmtree(root)
    root.mkdir(mode=0o700)


def remove_index(root: Path) -> None:
    shutil.rmtree(current(root))


def empty_index(root: Path) -> None:
    for path in current(root).iterdir():
        if path.is_file():
            path.unlink()


def cut_contents(root: Path) -> None:
    cut(largest(root, ".toc"))


def scramble_contents(root: Path) -> None:
    scramble(largest(root, ".toc"))


def empty_contents(root: Path) -> None:
    largest(root, ".toc").write_bytes(b"")


def cut_terms(root: Path) -> None:
    cut(largest(root, ".trm"))


def cut_postings(root: Path) -> None:
    cut(largest(root, ".pst"))


def scramble_postings(root: Path) -> None:
    scramble(largest(root, ".pst"))


def cut_cards(root: Path) -> None:
    cut(largest(root, "card.col"))


def remove_cards(root: Path) -> None:
    largest(root, "card.col").unlink()


def remove_terms(root: Path) -> None:
    largest(root, ".trm").unlink()


def foreign_pointer(root: Path) -> None:
    (root / POINTER).write_bytes(b"\xff\xfe something else entirely")


def pointer_outside(root: Path) -> None:
    (root / POINTER).write_text(f"hindsight-search {SCHEMA_VERSION} index-../../etc\n")


def foreign_contents(root: Path) -> None:
    largest(root, ".toc").write_bytes(b"%PDF-1.4 not an index at all" * 20)


def other_version(root: Path) -> None:
    name = current(root).name
    (root / POINTER).write_text(f"hindsight-search 0 {name}\n")


def shared_root(root: Path) -> None:
    root.chmod(0o777)


DAMAGE: list[tuple[Callable[[Path], None], str]] = [
    (remove_root, "no search index yet"),
    (empty_root, "no search index yet"),
    (remove_index, "missing"),
    (empty_index, "damaged"),
    (cut_contents, "damaged"),
    (scramble_contents, "damaged"),
    (empty_contents, "damaged"),
    (cut_terms, "damaged"),
    (cut_postings, "damaged"),
    (scramble_postings, "damaged"),
    (cut_cards, "damaged"),
    (remove_cards, "damaged"),
    (remove_terms, "damaged"),
    (foreign_pointer, ""),
    (pointer_outside, "not hold an index of this program"),
    (foreign_contents, "damaged"),
    (other_version, "another version"),
    (shared_root, "written by others"),
]


@pytest.mark.parametrize(("harm", "told"), DAMAGE, ids=[harm.__name__ for harm, _ in DAMAGE])
def test_damage_is_one_error_is_reported_and_a_rebuild_heals_it(
    root: Path, harm: Callable[[Path], None], told: str
) -> None:
    harm(root)
    engine = WhooshEngine(root)
    status = engine.check(deep=True)
    assert not status.openable
    assert any(told in problem for problem in status.problems), status.problems
    with pytest.raises(IndexUnavailable):
        for number in range(40):
            engine.search(parse(f'kiro "word{number} deleted"'))
            engine.search(parse("env*"))
    assert engine.rebuild(iter(DOCUMENTS), 9) == 40
    assert engine.search(parse("word7")).rows[0].key == "pm:7"
    assert (engine.mark(), engine.check(deep=True).problems) == (9, ())
    engine.close()


@pytest.mark.parametrize("harm", [remove_root, remove_index, cut_contents, other_version, shared_root])
def test_nothing_is_written_into_a_damaged_index(root: Path, harm: Callable[[Path], None]) -> None:
    harm(root)
    engine = WhooshEngine(root)
    with pytest.raises(IndexUnavailable):
        engine.apply([Put(article(99, "late"))], 7)
    with pytest.raises(IndexUnavailable):
        engine.mark()
    with pytest.raises(IndexUnavailable):
        engine.similar(DOCUMENTS[0])
    engine.close()


def test_damage_under_an_open_engine_heals_with_a_rebuild(root: Path) -> None:
    engine = WhooshEngine(root)
    assert engine.search(parse("kiro")).total == 40
    shutil.rmtree(root)
    with pytest.raises(IndexUnavailable):
        engine.apply([Delete("pm:1")], 7)
    with pytest.raises(IndexUnavailable):
        engine.search(parse("kiro"))
    engine.rebuild(iter(DOCUMENTS), 8)
    assert engine.search(parse("kiro")).total == 40
    engine.close()


def test_a_second_writer_is_refused_at_once_and_searches_go_on(root: Path) -> None:
    engine = WhooshEngine(root)
    other = WhooshEngine(root)
    inside: list[object] = []

    def documents() -> Iterator[SearchDocument]:
        inside.append(other.check().locked)
        with pytest.raises(IndexUnavailable, match="locked by another rebuild"):
            other.rebuild([], 1)
        inside.append(other.search(parse("kiro")).total)
        yield article(1, "new")

    engine.rebuild(documents(), 7)
    assert inside == [True, 40]
    assert not other.check().locked
    engine.close()
    other.close()


def test_a_lock_held_by_another_process_refuses_batches_until_that_process_dies(root: Path) -> None:
    ready, done = FORK.Event(), FORK.Event()
    holder = FORK.Process(target=hold_the_lock, args=(root, ready, done))
    holder.start()
    assert ready.wait(20)
    engine = WhooshEngine(root)
    with pytest.raises(IndexUnavailable, match="locked by another writer"):
        engine.apply([Put(article(50, "late"))], 7)
    status = engine.check()
    assert (status.openable, status.locked) == (True, True)
    assert engine.search(parse("kiro")).total == 40
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join(20)
    engine.apply([Put(article(50, "late"))], 7)
    assert engine.search(parse("late")).total == 1
    engine.close()


def hold_the_lock(root: Path, ready: Event, done: Event) -> None:
    with WhooshEngine(root)._folder.locked("writer"):
        ready.set()
        done.wait(60)


def test_a_read_only_folder_can_be_searched_but_not_written() -> None:
    """Run as somebody without rights: root may write anywhere."""
    top = Path(tempfile.mkdtemp(prefix="hindsight-search-"))
    answers = FORK.SimpleQueue()
    try:
        os.chmod(top, 0o711)  # noqa: PTH101
        reader = FORK.Process(target=use_read_only, args=(top / "index", answers))
        if os.geteuid() == 0:
            os.chown(top, NOBODY, NOBODY)
        reader.start()
        reader.join(30)
        assert reader.exitcode == 0
        assert answers.get() == [40, "refused", True, "cannot be written"]
    finally:
        for path in [top, *top.rglob("*")]:
            path.chmod(0o700)
        shutil.rmtree(top)


def use_read_only(root: Path, answers: "multiprocessing.SimpleQueue[list[object]]") -> None:
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    engine = WhooshEngine(root)
    engine.rebuild(iter(DOCUMENTS), 1)
    for path in (current(root), root):
        path.chmod(0o500)
    engine = WhooshEngine(root)
    said: list[object] = [engine.search(parse("kiro")).total]
    try:
        engine.apply([Put(article(99))], 2)
    except IndexUnavailable:
        said.append("refused")
    status = engine.check(deep=True)
    said += [status.openable, "cannot be written" if "cannot be written" in status.problems[0] else status.problems]
    answers.put(said)


def test_batches_applied_during_a_rebuild_are_in_the_new_index(root: Path) -> None:
    engine = WhooshEngine(root)
    other = WhooshEngine(root)

    def documents() -> Iterator[SearchDocument]:
        yield article(1, "as read")
        yield article(2, "as read")
        other.apply([Put(article(1, "changed since", tags=("new",), year=2026)), Delete("pm:2")], 11)
        other.apply([Put(article(3, "added since"))], 12)

    engine.rebuild(documents(), 10)
    assert engine.mark() == 12
    assert {row.key for row in engine.search(parse("since")).rows} == {"pm:1", "pm:3"}
    assert engine.search(parse("changed")).facets["year"] == {"2026": 1}
    assert engine.search(parse("read")).total == 0
    assert engine.check(deep=True).documents == 2
    engine.close()
    other.close()


def test_a_rebuild_that_fails_leaves_the_old_index_and_no_rubbish(root: Path) -> None:
    engine = WhooshEngine(root)

    def documents() -> Iterator[SearchDocument]:
        yield article(1, "new")
        raise RuntimeError("the database went away")

    with pytest.raises(IndexUnavailable, match="the database went away"):
        engine.rebuild(documents(), 9)
    assert engine.search(parse("kiro")).total == 40
    assert engine.mark() == 6
    assert len(list(root.glob("index-*"))) == 1
    engine.close()


def test_a_kill_in_the_middle_of_a_rebuild_leaves_the_old_index(root: Path) -> None:
    half = FORK.Event()
    builder = FORK.Process(target=rebuild_forever, args=(root, half))
    builder.start()
    assert half.wait(20)
    assert builder.pid is not None
    os.kill(builder.pid, signal.SIGKILL)
    builder.join(20)
    engine = WhooshEngine(root)
    assert engine.search(parse("kiro")).total == 40
    status = engine.check(deep=True)
    assert (status.documents, status.mark, status.locked, status.problems) == (41, 6, False, ())
    assert len(list(root.glob("index-*"))) == 2
    engine.rebuild(iter(DOCUMENTS[:3]), 8)
    assert engine.search(parse("kiro")).total == 3
    assert len(list(root.glob("index-*"))) == 1
    engine.close()


def rebuild_forever(root: Path, half: Event) -> None:
    def documents() -> Iterator[SearchDocument]:
        for number in range(10**9):
            yield article(number, "never finished")
            if number == 50:
                half.set()

    WhooshEngine(root).rebuild(documents(), 9)


def test_a_kill_between_commits_keeps_whole_batches_and_their_mark(root: Path) -> None:
    """Whatever the moment, the index opens and its mark says exactly which batches are in it."""
    for delay in range(6):
        started = FORK.Event()
        writer = FORK.Process(target=apply_forever, args=(root, started, delay))
        writer.start()
        assert started.wait(20)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(20)
        engine = WhooshEngine(root)
        status = engine.check(deep=True)
        assert (status.openable, status.problems) == (True, ())
        base = 1000 * (delay + 1)
        assert status.mark >= base + delay
        total = engine.search(parse(f"batch{base}")).total
        assert total == 2 * (status.mark - base + 1)
        engine.close()


def apply_forever(root: Path, started: Event, delay: int) -> None:
    engine = WhooshEngine(root)
    base = 1000 * (delay + 1)
    for mark in range(base, base + 500):
        engine.apply([Put(article(mark * 2 + side, f"batch{base}")) for side in (0, 1)], mark)
        if mark == base + delay:
            started.set()


def test_searches_go_on_without_an_error_during_rebuilds(root: Path) -> None:
    stop = FORK.Event()
    builder = FORK.Process(target=rebuild_again_and_again, args=(root, stop))
    builder.start()
    engine = WhooshEngine(root)
    try:
        totals = {engine.search(parse('kiro "deleted the" env*')).total for _ in range(1000) if expire(engine)}
    finally:
        stop.set()
        builder.join(30)
    assert totals == {40}
    assert builder.exitcode == 0
    engine.close()


def expire(engine: WhooshEngine) -> bool:
    engine._readers.expire()
    return True


def rebuild_again_and_again(root: Path, stop: Event) -> None:
    engine = WhooshEngine(root)
    while not stop.is_set():
        engine.rebuild(iter(DOCUMENTS), 9)
