"""What every search engine must do, the same for each; random operations are compared with a plain model."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from blog.search.engine import MAX_DEPTH, PUBLIC, Delete, Hits, Put, SearchDocument, SearchEngine
from blog.search.language import parse
from tests.search.documents import article, comment


def put(engine: SearchEngine, *documents: SearchDocument, mark: int = 1) -> None:
    engine.apply([Put(document) for document in documents], mark)


def found(engine: SearchEngine, text: str, **options: object) -> list[str]:
    return [row.key for row in engine.search(parse(text), per_page=100, **options).rows]  # type: ignore[arg-type]


def test_an_empty_index_finds_nothing_and_has_mark_zero(engine: SearchEngine) -> None:
    assert engine.mark() == 0
    assert engine.search(parse("kiro")).total == 0
    assert engine.search(parse("")).total == 0
    status = engine.check(deep=True)
    assert (status.openable, status.documents, status.problems) == (True, 0, ())


def test_words_match_on_their_stem_in_title_summary_body_and_extra(engine: SearchEngine) -> None:
    put(
        engine,
        article(1, title="The agent deletes an environment"),
        article(2, summary="Deleted environments"),
        article(3, "deleting one environment"),
        article(4, extra="do not delete the environment"),
        article(5, "environment deletion"),
        article(6, "the environment stood"),
    )
    assert sorted(found(engine, "DELETED environment")) == ["pm:1", "pm:2", "pm:3", "pm:4", "pm:5"]


def test_a_title_counts_more_than_a_body(engine: SearchEngine) -> None:
    put(engine, article(1, "kiro stopped once more here"), article(2, "stopped once more here", title="kiro"))
    assert found(engine, "kiro") == ["pm:2", "pm:1"]


def test_a_phrase_needs_its_words_in_order_and_next_to_each_other(engine: SearchEngine) -> None:
    put(
        engine,
        article(1, "human error was named"),
        article(2, "error by a human"),
        article(3, "human was in error"),
        article(4, title="ends with human", summary="error begins here"),
    )
    assert found(engine, '"human error"') == ["pm:1"]
    assert found(engine, '"errors by human"') == []
    assert found(engine, '"error by a human"') == ["pm:2"]


def test_a_phrase_of_one_repeated_word_needs_it_twice_in_a_row(engine: SearchEngine) -> None:
    put(engine, article(1, "again and again"), article(2, "again again"))
    assert found(engine, '"again again"') == ["pm:2"]


def test_a_prefix_matches_words_as_written_not_their_stems(engine: SearchEngine) -> None:
    put(engine, article(1, "environmental"), article(2, "environments"), article(3, "envelope"))
    assert sorted(found(engine, "environment*")) == ["pm:1", "pm:2"]
    assert sorted(found(engine, "env*")) == ["pm:1", "pm:2", "pm:3"]


@pytest.mark.parametrize("name", ["us-east-1", "v1.2.3", "ECONN_RESET", "db-7.example.org", "10.0.0.1"])
def test_codes_hosts_and_versions_are_found_whole(engine: SearchEngine, name: str) -> None:
    put(engine, article(1, f"in {name}, at noon"), article(2, "in us-east-2 v1.2.4 econn 10.0.0.2 db-8.example.org"))
    assert found(engine, name) == ["pm:1"]
    assert found(engine, name.lower()) == ["pm:1"]


def test_words_with_a_hyphen_are_found_with_and_without_it(engine: SearchEngine) -> None:
    put(engine, article(1, "a post-mortem"), article(2, "a post mortem"))
    assert sorted(found(engine, "post-mortem")) == ["pm:1", "pm:2"]


def test_accents_do_not_matter(engine: SearchEngine) -> None:
    put(engine, article(1, "Zürich"), article(2, "Zurich"))
    assert sorted(found(engine, "zürich")) == sorted(found(engine, "zurich")) == ["pm:1", "pm:2"]


def test_alternatives_and_exclusions(engine: SearchEngine) -> None:
    put(engine, article(1, "kiro aws"), article(2, "codex aws"), article(3, "kiro gcp"), article(4, "other aws"))
    assert sorted(found(engine, "kiro OR codex aws")) == ["pm:1", "pm:2", "pm:3", "pm:4"]  # too few: any word
    put(engine, *(article(n, "kiro aws") for n in range(10, 15)))
    assert "pm:3" not in found(engine, "kiro OR codex aws")
    assert "pm:2" in found(engine, "kiro OR codex aws")
    assert sorted(found(engine, "aws -kiro")) == ["pm:2", "pm:4"]
    assert found(engine, '-aws -"no such"') == ["pm:3"]


def test_fewer_than_five_hits_with_all_words_fall_back_to_any_word_and_say_so(engine: SearchEngine) -> None:
    put(engine, *(article(n, "alpha beta") for n in range(4)), article(9, "alpha"))
    hits = engine.search(parse("alpha beta"))
    assert (hits.total, hits.any_word) == (5, True)
    put(engine, article(5, "alpha beta"))
    hits = engine.search(parse("alpha beta"))
    assert (hits.total, hits.any_word) == (5, False)


def test_comments_are_folded_into_their_article(engine: SearchEngine) -> None:
    put(
        engine,
        article(1, "kiro did it"),
        article(2, "nothing here"),
        comment(1, 1, "kiro again"),
        comment(2, 2, "kiro"),
        comment(3, 2, "kiro and a much longer text about other things"),
        comment(4, 2, "else"),
    )
    hits = engine.search(parse("kiro"))
    assert hits.total == 2
    rows = {row.key: row for row in hits.rows}
    assert (rows["pm:1"].matched, rows["pm:1"].comments, rows["pm:1"].comment_count) == (True, ("c:1",), 1)
    assert (rows["pm:2"].matched, rows["pm:2"].comments, rows["pm:2"].comment_count) == (False, ("c:2", "c:3"), 2)


def test_a_comment_is_found_only_while_its_article_is_there(engine: SearchEngine) -> None:
    put(engine, comment(1, 1, "kiro"))
    assert found(engine, "kiro") == []
    put(engine, article(1, "text"))
    assert found(engine, "kiro") == ["pm:1"]
    engine.apply([Delete("pm:1")], 3)
    assert found(engine, "kiro") == []


def test_facets_count_articles_once_and_conditions_narrow_them(engine: SearchEngine) -> None:
    put(
        engine,
        article(1, "kiro", tags=("dns", "ai"), services=("aws",), year=2024, severities=("SEV1",)),
        article(2, "kiro", tags=("dns",), services=("gcp",), year=2025, incident_kinds=("hazard",)),
        article(3, "other", tags=("dns",)),
        comment(1, 1, "kiro"),
        comment(2, 1, "kiro"),
    )
    facets = engine.search(parse("kiro")).facets
    assert facets["tag"] == {"dns": 2, "ai": 1}
    assert facets["service"] == {"aws": 1, "gcp": 1}
    assert facets["year"] == {"2024": 1, "2025": 1}
    assert facets["kind"] == {"hazard": 1}
    assert facets["severity"] == {"sev1": 1}
    assert facets["organisation"] == {}
    assert found(engine, "kiro", filters={"tag": ["ai"]}) == ["pm:1"]
    assert sorted(found(engine, "kiro", filters={"service": ["aws", "gcp"]})) == ["pm:1", "pm:2"]
    assert found(engine, "kiro service:aws", filters={"service": ["gcp"]}) == []
    assert found(engine, "kiro severity:sev1 year:2024") == ["pm:1"]
    assert found(engine, "kiro -tag:ai") == ["pm:2"]
    assert sorted(found(engine, "tag:dns")) == ["pm:1", "pm:2", "pm:3"]
    assert found(engine, "", filters={"year": ["2025"]}) == ["pm:2"]


def test_author_and_time_are_asked_of_the_document_itself(engine: SearchEngine) -> None:
    put(
        engine,
        article(1, "kiro", authors=("Ada Lovelace",), created_at=1_700_000_000),
        comment(1, 1, "kiro", authors=("Bob",), created_at=1_750_000_000),
        article(2, "kiro", authors=("Bob",), created_at=1_600_000_000),
    )
    assert found(engine, 'kiro author:"ada lovelace"') == ["pm:1"]
    assert sorted(found(engine, "author:BOB")) == ["pm:1", "pm:2"]
    assert sorted(found(engine, "kiro -author:bob")) == ["pm:1"]
    hits = engine.search(parse("kiro after:2025"))
    assert [(row.key, row.matched) for row in hits.rows] == [("pm:1", False)]
    assert found(engine, "kiro before:2021") == ["pm:2"]
    assert [row.comments for row in engine.search(parse("kiro kind:comment")).rows] == [("c:1",)]
    assert all(row.comment_count == 0 for row in engine.search(parse("kiro -kind:comment")).rows)


def test_order_by_age(engine: SearchEngine) -> None:
    put(engine, *(article(n, "kiro " * (n % 3 + 1), created_at=n * 100) for n in (3, 1, 4, 2)))
    assert found(engine, "kiro", sort="newest") == ["pm:4", "pm:3", "pm:2", "pm:1"]
    assert found(engine, "kiro", sort="oldest") == ["pm:1", "pm:2", "pm:3", "pm:4"]
    assert found(engine, "") == ["pm:4", "pm:3", "pm:2", "pm:1"]


def test_pages_hold_every_article_once_and_end_at_the_depth_limit(engine: SearchEngine) -> None:
    numbers = random.Random(3)
    put(engine, *(article(n, "kiro " * numbers.randint(1, 9) + "pad " * numbers.randint(0, 40)) for n in range(60)))
    put(engine, *(comment(n, n % 60, "kiro " * (n % 5 + 1)) for n in range(90)), mark=2)
    pages = [engine.search(parse("kiro"), page=page, per_page=7) for page in range(1, 11)]
    keys = [row.key for page in pages for row in page.rows]
    assert sorted(keys) == sorted(f"pm:{n}" for n in range(60))
    scores = [row.score for page in pages for row in page.rows]
    assert scores == sorted(scores, reverse=True)
    assert {page.total for page in pages} == {60}
    assert engine.search(parse("kiro"), page=MAX_DEPTH // 20 + 1, per_page=20).rows == ()


def test_a_misspelt_word_gives_a_suggestion_that_finds_something(engine: SearchEngine) -> None:
    put(engine, article(1, "the database failed over"), article(2, "kubernetes"))
    for typed in ("databse", "dtaabase", "databasee", "daxabase"):
        hits = engine.search(parse(typed))
        assert hits.total == 0
        if typed[:2] == "da":
            assert hits.suggestions == ("database",)
            assert engine.search(parse(hits.suggestions[0])).total == 1
    assert engine.search(parse("database")).suggestions == ()
    assert engine.search(parse("zzzzzzz")).suggestions == ()


def test_words_that_cannot_be_searched_are_told_and_find_nothing(engine: SearchEngine) -> None:
    put(engine, article(1, "the kiro"))
    hits = engine.search(parse("the"))
    assert hits.total == 0
    assert any("“the”" in note for note in hits.notes)
    assert found(engine, "the kiro") == ["pm:1"]
    assert engine.search(parse("*** ??")).total == 0


def test_the_last_operation_on_a_key_wins(engine: SearchEngine) -> None:
    engine.apply(
        [Put(article(1, "first")), Delete("pm:1"), Put(article(1, "second")), Put(article(2, "gone")), Delete("pm:2")],
        5,
    )
    assert found(engine, "") == ["pm:1"]
    assert found(engine, "first") == []
    assert found(engine, "second") == ["pm:1"]
    assert engine.check(deep=True).documents == 1


def test_an_empty_batch_moves_the_mark(engine: SearchEngine) -> None:
    put(engine, article(1, "kiro"), mark=4)
    engine.apply([], 9)
    assert engine.mark() == 9
    assert found(engine, "kiro") == ["pm:1"]
    engine.apply([Delete("pm:404")], 10)
    assert (engine.mark(), engine.check().documents) == (10, 1)


def test_what_the_audience_may_not_see_is_not_found_counted_or_suggested_by_a_comment(engine: SearchEngine) -> None:
    put(
        engine,
        article(1, "kiro", tags=("open",)),
        article(2, "kiro", tags=("secret",), audience="reviewers"),
        comment(1, 2, "kiro"),
        comment(2, 1, "kiro hidden", audience="moderators"),
    )
    hits = engine.search(parse("kiro"))
    assert [row.key for row in hits.rows] == ["pm:1"]
    assert hits.rows[0].comments == ()
    assert hits.facets["tag"] == {"open": 1}
    assert found(engine, "hidden") == []
    both = frozenset({PUBLIC, "reviewers"})
    assert sorted(found(engine, "kiro", audiences=both)) == ["pm:1", "pm:2"]
    assert engine.search(parse("kiro"), audiences=frozenset()) == Hits()
    assert engine.similar(article(3, "kiro"), audiences=frozenset()) == ()


def test_similar_articles_share_their_telling_words(engine: SearchEngine) -> None:
    pad = "the system was slow and people waited for a fix "
    put(
        engine,
        article(1, pad + "agent deleted environment permissions"),
        article(2, pad + "agent removed environment permissions wide"),
        article(3, pad + "certificate expired dns renewal"),
        article(4, pad + "certificate expired dns resolver"),
        comment(1, 3, "agent deleted environment permissions"),
    )
    rows = engine.similar(article(1, pad + "agent deleted environment permissions"), limit=2)
    assert rows[0].key == "pm:2"
    assert "pm:1" not in {row.key for row in rows}
    assert all(row.key.startswith("pm:") for row in rows)
    assert engine.similar(article(9, "")) == ()


def test_a_rebuild_replaces_everything_and_sets_the_mark(engine: SearchEngine) -> None:
    put(engine, article(1, "old"), article(2, "old"), mark=7)
    assert engine.rebuild((article(n, "new") for n in (2, 3)), 5) == 2
    assert engine.mark() == 5
    assert found(engine, "old") == []
    assert sorted(found(engine, "new")) == ["pm:2", "pm:3"]


def test_hostile_queries_are_answered(engine: SearchEngine) -> None:
    put(engine, *(article(n, " ".join(f"word{m}" for m in range(n, n + 50))) for n in range(40)))
    rng = random.Random(11)
    for _ in range(150):
        text = "".join(rng.choice('ab w*"-~^:()[]{}?\\/ORANDT\u0000\u202eé0123') for _ in range(rng.randint(0, 120)))
        engine.search(parse(text))
    for text in ("word*", "-word*", "a OR " * 30, '"' * 99, "NOT " * 40, "[a TO z]", "abc~3", "wor* wor* wor*"):
        assert isinstance(engine.search(parse(text)), Hits)


WORDS = ["alpha", "beta", "gamma", "delta", "kappa", "sigma", "omega", "lambda"]


@pytest.mark.parametrize("seed", range(8))
def test_random_operations_leave_what_a_plain_model_says(engine: SearchEngine, seed: int) -> None:
    rng = random.Random(seed)
    model: dict[str, SearchDocument] = {}
    for step in range(1, 16):
        batch: list[Put | Delete] = []
        for _ in range(rng.choice((0, 1, 1, 3, 8))):
            operation = random_operation(rng)
            batch.append(operation)
            if isinstance(operation, Put):
                model[operation.key] = operation.document
            else:
                model.pop(operation.key, None)
        engine.apply(batch, step)
        if rng.random() < 0.1:
            engine.rebuild(iter(list(model.values())), step)
        compare(engine, model, rng)
    assert engine.mark() == step
    status = engine.check(deep=True)
    assert (status.documents, status.problems) == (len(model), ())


def random_operation(rng: random.Random) -> Put | Delete:
    number = rng.randrange(12)
    key = rng.choice((f"pm:{number}", f"c:{number}"))
    if rng.random() < 0.3:
        return Delete(key)
    text = " ".join(rng.choices(WORDS, k=rng.randint(1, 5)))
    audience = rng.choice((PUBLIC, PUBLIC, "staff"))
    if key.startswith("c:"):
        return Put(replace(comment(number, rng.randrange(12), text), audience=audience))
    return Put(replace(article(number, text, tags=(rng.choice("xyz"),)), audience=audience))


def compare(engine: SearchEngine, model: dict[str, SearchDocument], rng: random.Random) -> None:
    first, second, third = rng.sample(WORDS, 3)
    audiences = frozenset(rng.choice(((PUBLIC,), (PUBLIC, "staff"), ("staff",))))
    visible = {key: doc for key, doc in model.items() if doc.audience in audiences}

    def homes(test: object) -> set[str]:
        keys = {doc.parent or doc.key for doc in visible.values() if test(doc.body.split())}  # type: ignore[operator]
        return keys & visible.keys()

    def ask(text: str, **options: object) -> set[str]:
        return set(found(engine, text, audiences=audiences, **options))

    assert ask(first) == homes(lambda words: first in words)
    assert ask(f"{first} -{second}") == homes(lambda words: first in words and second not in words)
    assert ask(f"{first} OR {second}") == homes(lambda words: first in words or second in words)
    every = homes(lambda words: first in words and third in words)
    some = homes(lambda words: first in words or third in words)
    assert ask(f"{first} {third}") == (every if len(every) >= 5 else some)
    assert ask(f'"{first} {second}"') == homes(lambda words: (first, second) in pairwise(words))
    tagged = {key for key in homes(lambda words: first in words) if "x" in visible[key].tags}
    assert ask(first, filters={"tag": ["x"]}) == tagged
    hits = engine.search(parse(first), audiences=audiences)
    assert sum(hits.facets["tag"].values()) == hits.total == len(homes(lambda words: first in words))
