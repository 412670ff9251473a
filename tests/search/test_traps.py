"""Whoosh's known traps, one test each: every one of these failed with the obvious way of using it."""

import threading
from pathlib import Path

import pytest
from whoosh.collectors import TimeLimitCollector
from whoosh.searching import Searcher

from blog.search import whoosh_match, whoosh_reader
from blog.search.engine import Delete, Hits, IndexUnavailable, Put, SearchDocument
from blog.search.language import parse
from blog.search.whoosh_engine import WhooshEngine
from blog.search.whoosh_match import MAX_EXPANSIONS, Deadline, TimeUp
from blog.search.whoosh_pool import TermPool
from blog.search.whoosh_reader import BROKEN_SECONDS, CHECK_SECONDS, OPEN_TRIES
from tests.search.documents import Clock, article, comment


def keys(hits: Hits) -> list[str]:
    return [row.key for row in hits.rows]


def put(engine: WhooshEngine, *documents: SearchDocument, mark: int = 1) -> None:
    engine.apply([Put(document) for document in documents], mark)


def index_files(root: Path) -> list[Path]:
    return [path for path in root.glob("index/index-*/*") if path.is_file()]


def test_refresh_is_never_used_and_deleted_documents_are_gone_beside_an_open_view(
    whoosh: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: Searcher) -> Searcher:
        raise AssertionError("refresh() keeps deleted documents")

    monkeypatch.setattr(Searcher, "refresh", refused)
    put(whoosh, *(article(n, "kiro") for n in range(8)))
    assert whoosh.search(parse("kiro")).total == 8
    whoosh.apply([Delete(f"pm:{n}") for n in range(7)], 2)
    assert keys(whoosh.search(parse("kiro"))) == ["pm:7"]
    put(whoosh, article(7, "codex"), mark=3)
    assert whoosh.search(parse("kiro")).total == 0
    assert whoosh.check(deep=True).documents == 1


def test_an_empty_visibility_set_means_nothing_not_everything(whoosh: WhooshEngine) -> None:
    put(whoosh, article(1, "kiro"))
    assert whoosh.search(parse("kiro"), audiences=frozenset()).total == 0
    assert whoosh.search(parse(""), audiences=frozenset()).total == 0


def test_a_filter_that_matches_nothing_gives_total_zero(whoosh: WhooshEngine) -> None:
    put(whoosh, article(1, "kiro", tags=("dns",)))
    hits = whoosh.search(parse("kiro"), filters={"tag": ["absent"]})
    assert (hits.total, hits.rows, hits.facets["tag"]) == (0, (), {})


def test_a_filter_holds_under_the_time_limit(whoosh: WhooshEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object, **_options: object) -> None:
        raise AssertionError("TimeLimitCollector drops filters")

    monkeypatch.setattr(TimeLimitCollector, "__init__", refused)
    put(whoosh, *(article(n, "kiro", tags=("even",) if n % 2 == 0 else ()) for n in range(10)))
    assert sorted(keys(whoosh.search(parse("kiro tag:even")))) == ["pm:0", "pm:2", "pm:4", "pm:6", "pm:8"]


def test_the_time_limit_stops_reading_and_says_so(tmp_path: Path) -> None:
    class Running(Clock):
        def __call__(self) -> float:
            self.now += 0.2
            return self.now

    engine = WhooshEngine(tmp_path / "index", work_clock=Running(), time_limit_seconds=0.5)
    engine.rebuild((article(n, "kiro codex agent") for n in range(20)), 1)
    hits = engine.search(parse('kiro codex "agent kiro" -zebra'))
    assert hits.cut_short
    engine.close()


def test_the_deadline_is_looked_at_while_a_word_is_read() -> None:
    clock = Clock()
    deadline = Deadline(clock, 0.5)
    deadline.check()
    clock.now += 0.6
    with pytest.raises(TimeUp):
        deadline.check()


def test_several_operations_on_one_key_in_a_batch_leave_one_document(whoosh: WhooshEngine) -> None:
    put(whoosh, *(article(1, f"version{n}") for n in range(5)))
    assert whoosh.check(deep=True).documents == 1
    assert keys(whoosh.search(parse("version4"))) == ["pm:1"]
    assert whoosh.search(parse("version3")).total == 0


def test_facets_are_counted_over_all_hits_not_over_the_page(whoosh: WhooshEngine) -> None:
    put(whoosh, *(article(n, "kiro", tags=("dns",)) for n in range(30)))
    hits = whoosh.search(parse("kiro"), per_page=5)
    assert (len(hits.rows), hits.facets["tag"]) == (5, {"dns": 30})


def test_the_schema_can_be_saved_and_opened_by_another_engine(whoosh: WhooshEngine, tmp_path: Path) -> None:
    put(whoosh, article(1, "kiro"))
    other = WhooshEngine(tmp_path / "index")
    assert keys(other.search(parse("kiro"))) == ["pm:1"]
    other.close()


def test_no_compound_segment_is_written(whoosh: WhooshEngine, tmp_path: Path) -> None:
    for mark in range(1, 12):
        put(whoosh, article(mark, "kiro"), mark=mark)
    names = [path.name for path in index_files(tmp_path)]
    assert any(name.endswith(".pst") for name in names)
    assert not any(name.endswith(".seg") for name in names)


def test_many_single_commits_leave_few_segments(whoosh: WhooshEngine, tmp_path: Path) -> None:
    for mark in range(1, 60):
        put(whoosh, article(mark, "kiro"), mark=mark)
    assert sum(path.suffix == ".pst" for path in index_files(tmp_path)) <= 12
    assert whoosh.search(parse("kiro")).total == 59


def test_the_index_folder_is_private(whoosh: WhooshEngine, tmp_path: Path) -> None:
    put(whoosh, article(1))
    assert (tmp_path / "index").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "index").glob("index-*"):
        assert path.stat().st_mode & 0o777 == 0o700


def test_a_commit_elsewhere_is_seen_after_a_quarter_of_a_second(tmp_path: Path) -> None:
    clock = Clock()
    reader = WhooshEngine(tmp_path / "index", clock=clock)
    writer = WhooshEngine(tmp_path / "index")
    writer.rebuild([], 0)
    assert reader.search(parse("kiro")).total == 0
    put(writer, article(1, "kiro"))
    assert reader.search(parse("kiro")).total == 0
    clock.now += CHECK_SECONDS
    assert keys(reader.search(parse("kiro"))) == ["pm:1"]
    writer.rebuild([article(2, "kiro")], 2)
    clock.now += CHECK_SECONDS
    assert keys(reader.search(parse("kiro"))) == ["pm:2"]
    reader.close()
    writer.close()


def test_an_open_view_survives_the_removal_of_its_files(tmp_path: Path) -> None:
    """Whoosh opens some files late; a merge by another process may have removed them by then."""
    clock = Clock()
    reader = WhooshEngine(tmp_path / "index", clock=clock)
    writer = WhooshEngine(tmp_path / "index")
    writer.rebuild((article(n, "kiro and codex", tags=("dns",)) for n in range(20)), 1)
    assert reader.search(parse("agent")).total == 0
    writer.rebuild([], 2)
    hits = reader.search(parse('kiro "and codex" kir* -zebra'))
    assert (hits.total, hits.facets["tag"]) == (20, {"dns": 20})
    reader.close()
    writer.close()


def test_a_broken_index_is_not_tried_again_for_every_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoosh looks ten times for a missing file, half a second in all; no page may wait that long each time."""
    clock = Clock()
    engine = WhooshEngine(tmp_path / "index", clock=clock)
    engine.rebuild([article(1, "kiro")], 1)
    tries: list[object] = []
    opened = whoosh_reader.open_dir

    def counted(*args: object, **options: object) -> object:
        tries.append(args)
        raise FileNotFoundError("a segment")

    engine.close()
    monkeypatch.setattr(whoosh_reader, "open_dir", counted)
    for _ in range(5):
        with pytest.raises(IndexUnavailable):
            engine.search(parse("kiro"))
    assert len(tries) == OPEN_TRIES
    monkeypatch.setattr(whoosh_reader, "open_dir", opened)
    clock.now += BROKEN_SECONDS
    assert engine.search(parse("kiro")).total == 1
    engine.close()


def test_threads_do_not_share_a_reader(whoosh: WhooshEngine) -> None:
    """A Whoosh reader moves one file position; two threads on one read each other's bytes."""
    words = [f"word{n}" for n in range(12)]
    whoosh.rebuild((article(n, " ".join(words[: n % 12 + 1]) + " pad" * (n % 7)) for n in range(600)), 1)
    expected = {word: whoosh.search(parse(word)).total for word in words}
    wrong: list[object] = []

    def ask(start: int) -> None:
        for step in range(60):
            word = words[(start + step) % 12]
            other = words[(start + step + 5) % 12]
            try:
                total = whoosh.search(parse(f'{word} "{word} {other}" OR {word}')).total
                if total != expected[word] or whoosh.search(parse(word)).total != expected[word]:
                    wrong.append((word, total))
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_prefix_stands_for_a_limited_number_of_words_and_says_so(whoosh: WhooshEngine) -> None:
    put(whoosh, *(article(n, f"pre{n:03d} " + ("common " if n else "")) for n in range(MAX_EXPANSIONS + 10)))
    hits = whoosh.search(parse("pre*"), per_page=100)
    assert hits.total == MAX_EXPANSIONS
    assert any("most common" in note for note in hits.notes)


def test_a_prefix_prefers_the_most_common_words(whoosh: WhooshEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whoosh_match, "MAX_EXPANSIONS", 1)
    put(whoosh, article(1, "prea"), article(2, "preb"), article(3, "preb"))
    assert sorted(keys(whoosh.search(parse("pre*")))) == ["pm:2", "pm:3"]


def test_too_many_postings_drop_the_commonest_word_and_say_so(
    whoosh: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whoosh_match, "MAX_POSTINGS", 15)
    put(whoosh, *(article(n, "common" + (" rare" if n < 6 else "")) for n in range(12)))
    for typed in ("common rare", "common OR rare"):
        hits = whoosh.search(parse(typed))
        assert hits.total == 6
        assert any("left out" in note for note in hits.notes)
    assert whoosh.search(parse("common")).total == 12


def test_skipping_blocks_finds_the_same_best_as_scoring_everything(whoosh: WhooshEngine) -> None:
    texts = ("kiro " * (n * 7 % 11 + 1) + "pad " * (n * 13 % 90) for n in range(700))
    whoosh.rebuild((article(n, text) for n, text in enumerate(texts)), 1)
    whoosh.apply([Delete(f"pm:{n}") for n in range(0, 700, 50)], 2)
    few = whoosh.search(parse("kiro"), per_page=10)
    every = whoosh.search(parse("kiro"), per_page=1000)
    assert few.rows == every.rows[:10]
    assert few.total == every.total == 686


def test_merging_segments_keeps_lengths_cards_and_positions(whoosh: WhooshEngine) -> None:
    for n in range(30):
        put(whoosh, article(n, f"kiro number{n} deleted it", tags=(f"t{n}",)), comment(n, n, "codex"), mark=n)
        if n % 3 == 0:
            whoosh.apply([Delete(f"pm:{n}")], n)
    assert whoosh.check(deep=True).problems == ()
    for n in (1, 14, 29):
        hits = whoosh.search(parse(f'"kiro number{n} deleted"'))
        assert keys(hits) == [f"pm:{n}"]
        assert hits.facets["tag"] == {f"t{n}": 1}
    assert whoosh.search(parse("codex")).total == 20


def test_a_writer_with_little_memory_gives_the_same_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[TermPool] = []
    save = TermPool.save
    monkeypatch.setattr(TermPool, "save", lambda pool: (runs.append(pool), save(pool)))
    texts = [" ".join(f"w{(n * m) % 997}" for m in range(1, 400)) for n in range(80)]
    engine = WhooshEngine(tmp_path / "small", write_mb=1)
    engine.rebuild((article(n, text) for n, text in enumerate(texts)), 1)
    assert engine.check(deep=True).problems == ()
    assert len(runs) >= 2
    for word in ("w1", "w33", "w500", "w996"):
        assert engine.search(parse(word)).total == sum(word in text.split() for text in texts)
    assert engine.search(parse('"w7 w14 w21"')).total == sum("w7 w14 w21 " in text for text in texts)
    engine.close()
