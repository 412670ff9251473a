"""The search page: what it shows, how it is narrowed, sorted and turned, and that nothing typed breaks it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.search import queries
from blog.search.language import MAX_CHARACTERS
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import MIA, NOOR
from tests.search.site import comments_in, found, hits, index_now, page_of, words_of
from tests.statements import counted
from tests.visitor import Visitor

WORDS = "resolver", "emptied", "looped"


def test_a_hit_begins_with_its_link_and_marks_the_words(app: Flask, client: Visitor) -> None:
    article = make_published(
        app,
        title="The resolver looped",
        body="Nothing here.\n\nThe cache of every *resolver* was emptied by hand.",
        incidents=[{"severity": "SEV2", "times": {"started": "2025-05-01 10:00Z", "resolved": "2025-05-01 12:15Z"}}],
    )
    index_now(app)
    page = page_of(client, "resolvers")
    hit = page[page.index('<li class="search-hit">') :]
    assert re.match(rf'<li class="search-hit">\s*<h2[^>]*><a href="/postmortems/{article.slug}">', hit)
    assert "The <mark>resolver</mark> looped" in hit
    assert "every <mark>resolver</mark> was emptied" in hit
    assert "2 h 15 min to resolve" in hit
    assert "SEV2" in hit


def test_text_of_people_is_escaped_in_title_passage_and_comment(app: Flask, client: Visitor) -> None:
    article = make_published(
        app, title="A <b>resolver</b> & {{ 7*7 }}", body="The `<script>alert(1)</script>` resolver {{ 7*7 }} here."
    )
    make_comment(app, article, text="My `<img src=x onerror=alert(1)>` resolver {% raw %} {{text}}")
    index_now(app)
    page = page_of(client, "resolver")
    assert "A &lt;b&gt;<mark>resolver</mark>&lt;/b&gt; &amp; {{ 7*7 }}" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>resolver</mark> {{ 7*7 }} here." in page
    assert "&lt;img src=x onerror=alert(1)&gt; <mark>resolver</mark> {% raw %} {{text}}" in page
    assert "<script>alert" not in page
    assert "<img" not in page


def test_what_was_typed_is_escaped(client: Visitor) -> None:
    page = page_of(client, '"><script>alert(1)</script>')
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_comments_stand_under_their_write_up_with_writer_time_and_link(app: Flask, client: Visitor) -> None:
    article = make_published(app, body="The resolver looped.")
    ids = [
        make_comment(app, article, user=user, text=f"A resolver of ours too, no. {number}.").id
        for number, user in enumerate((MIA, NOOR, MIA, NOOR, MIA, NOOR, MIA))
    ]
    index_now(app)
    page = page_of(client, "resolver")
    assert hits(page) == [article.slug]
    shown = [int(address.rpartition("/")[2]) for address in comments_in(page)]
    assert len(shown) == 5
    assert set(shown) <= set(ids)
    assert "2 more comments on it match" in words_of(page)
    assert "Comment by Mia" in page
    assert re.search(r'Comment by Noor</a>.*?<time class="when" datetime="[^"]*Z"', page)
    assert client.get(comments_in(page)[0]).status_code == 302


def test_a_write_up_found_by_a_comment_alone_shows_its_summary(app: Flask, client: Visitor) -> None:
    article = make_published(app, summary="The queue stopped when its disk filled.")
    make_comment(app, article, text="A gyrfalcon alarm.")
    index_now(app)
    page = page_of(client, "gyrfalcon")
    assert hits(page) == [article.slug]
    assert "The queue stopped when its disk filled." in words_of(page)


def test_facets_narrow_and_are_taken_away_again(app: Flask, client: Visitor) -> None:
    first = make_published(app, body="resolver", tags=["DNS"], incidents=[{"severity": "SEV1", "services": ["Name"]}])
    second = make_published(app, body="resolver", tags=["DNS", "Cache"], incidents=[{"severity": "SEV3"}])
    make_published(app, body="other", tags=["DNS"])
    index_now(app)
    page = page_of(client, "resolver")
    assert '<a href="/search?q=resolver&amp;tag=dns">DNS</a> <span class="quiet">2</span>' in page
    assert '<a href="/search?q=resolver&amp;severity=sev3">SEV3</a> <span class="quiet">1</span>' in page
    page = page_of(client, "resolver", tag="cache")
    assert hits(page) == [second.slug]
    assert "Tag Cache" in words_of(page)
    assert 'href="/search?q=resolver"' in page
    assert set(found(client, "resolver", tag=["dns", "cache"])) == {first.slug, second.slug}
    assert found(client, "resolver", tag="dns", severity="sev1", service="name") == [first.slug]
    assert len(found(client, "", tag="dns")) == 3
    assert found(client, "resolver", tag="nothing-of-this-name") == []
    assert client.get("/search?q=a&tag=no+slug").status_code == 400


def test_a_search_can_be_sorted_by_age(app: Flask, client: Visitor) -> None:
    slugs = []
    for day in range(3):
        with time_machine.travel(datetime(2025, 5, 1 + day, tzinfo=UTC)):
            slugs.append(make_published(app, body="resolver " * (1 if day == 1 else 3) + "and more words here").slug)
    index_now(app)
    assert found(client, "resolver", sort="newest") == slugs[::-1]
    assert found(client, "resolver", sort="oldest") == slugs
    assert found(client, "resolver")[-1] == slugs[1]
    assert found(client, "resolver", sort="sideways")[-1] == slugs[1]
    page = page_of(client, "resolver", sort="newest", tag="queues")
    assert 'href="/search?q=resolver&amp;tag=queues&amp;sort=oldest"' in page
    assert found(client, "resolver after:2025-05-02 before:2025-05-03") == [slugs[1]]


def test_pages_turn_and_end(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    slugs = {make_published(app, body="resolver").slug for _ in range(5)}
    index_now(app)
    pages = [page_of(client, "resolver", page=number) for number in (1, 2, 3)]
    seen = [slug for page in pages for slug in hits(page)]
    assert len(seen) == len(set(seen)) == 5
    assert set(seen) == slugs
    assert "5 write-ups , page 2 of 3" in words_of(pages[1]).replace("write-ups,", "write-ups ,")
    assert 'href="/search?q=resolver&amp;page=3"' in pages[1]
    page_of(client, "resolver", page=4, status=404)
    for wrong in ("0", "-1", "x", "99999999999999999999", "1e3"):
        page_of(client, "resolver", page=wrong, status=400)


def test_too_few_hits_bring_those_with_any_word_and_say_so(app: Flask, client: Visitor) -> None:
    both = make_published(app, body="The resolver looped.")
    one = make_published(app, body="Only a resolver.")
    index_now(app)
    page = page_of(client, "resolver looped")
    assert hits(page)[0] == both.slug
    assert set(hits(page)) == {both.slug, one.slug}
    assert "Fewer than five write-ups hold all of these words" in words_of(page)
    assert "Fewer than five" not in words_of(page_of(client, "resolver"))


def test_a_mistyped_word_is_corrected_by_a_link(app: Flask, client: Visitor) -> None:
    article = make_published(app, body="The resolver looped.")
    index_now(app)
    page = page_of(client, "resovler", tag="queues")
    assert "Did you mean resolver ?" in words_of(page)
    address = re.search(r'Did you mean <a href="([^"]*)"', page)
    assert address is not None
    assert address[1].startswith("/search?q=resolver&amp;tag=queues")
    assert hits(client.get(address[1].replace("&amp;", "&")).text) == [article.slug]


def test_nothing_typed_shows_what_can_be_typed(client: Visitor) -> None:
    for address in ("/search", "/search?q=", "/search?q=+++", "/search?sort=newest"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "these words next to each other" in answer.text
        assert "search-hit" not in answer.text


def test_nothing_found_says_what_to_try(app: Flask, client: Visitor) -> None:
    make_published(app)
    index_now(app)
    page = page_of(client, "zyxwvut")
    assert "Nothing was found." in words_of(page)
    assert "0 write-ups" in words_of(page)


def test_what_was_ignored_is_said(app: Flask, client: Visitor) -> None:
    make_published(app, body="The resolver looped.")
    index_now(app)
    page = page_of(client, 'resolver before:yesterday ab* "unclosed')
    assert "“before:yesterday” is not a day" in words_of(page)
    assert "“ab*” needs at least 3 letters" in words_of(page)
    assert "closing quotation mark was missing" in words_of(page)


def test_a_search_that_took_too_long_says_so(app: Flask, client: Visitor) -> None:
    make_published(app, body="The resolver looped.")
    index_now(app)
    engine = app.extensions["hindsight_search"].get()
    engine._seconds = -1
    page = page_of(client, "resolver")
    assert "This search took too long and was cut short" in words_of(page)
    assert "At least" in words_of(page)


def test_too_long_a_query_is_refused_and_kept(client: Visitor) -> None:
    typed = "word " * 60
    page = page_of(client, typed, status=400)
    assert f'value="{typed}"' in page
    assert f"A search takes at most {MAX_CHARACTERS} characters; this one has 300." in words_of(page)


HOSTILE = [
    '"', '""', '"a', "*", "***", "?*", "a*b*", "-", "- -", "-a", "NOT", "NOT NOT a", "OR", "a OR", "OR OR a", "AND",
    "((((", "a)", "[a TO z]", "a~3", "a^1000", "/.*/", "tag:", "tag:*", "tag:\"", "after:0000-00-00", "before:9999-99",
    "year:２０２５", "year:99999", ":", "::", "a:b:c", "\\", "'; DROP TABLE articles; --", "{{ 7*7 }}", "%s", "x",
    "\u202eabc", "\ufeff", "a\u0300" * 90, "𝔘𝔫𝔦", "日本語", "ß", "İ", "🙂", "\x07", "\t\n", "a" * 200, "-" * 200,
    "* " * 100,
    '"a b" "c d" "e f" "g h"', "word " * 40, "kind:comment", "kind:article -kind:comment", "author:", "status:x OR y",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_typed_is_an_error(indexed: Visitor, typed: str) -> None:
    answer = indexed.get("/search", query_string={"q": typed})
    assert answer.status_code == 200
    assert indexed.get("/search", query_string={"q": typed, "sort": "oldest", "tag": "queues"}).status_code == 200


@pytest.fixture
def indexed(app: Flask, client: Visitor) -> Visitor:
    """A visitor of a site with a write-up and a comment in its index."""
    article = make_published(app, body="The resolver looped in us-east-1 with ECONN_RESET.")
    make_comment(app, article, text="A gyrfalcon alarm.")
    index_now(app)
    return client


@settings(max_examples=60, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120))
def test_any_text_is_answered(indexed: Visitor, typed: str) -> None:
    answer = indexed.get("/search", query_string={"q": typed.encode("utf-8", "surrogatepass")})
    is_bad = "\0" in typed or any(0xD800 <= ord(character) < 0xE000 for character in typed)
    assert answer.status_code == (400 if is_bad else 200)


@pytest.mark.parametrize(
    ("query", "status"),
    [("q=a%00b", 400), ("q=%ed%a0%80", 400), ("q=%ff", 400), ("q=" + "a" * 10_000, 414), ("q=" + "a" * 4_000, 400)],
)
def test_broken_and_huge_queries_are_refused(client: Visitor, query: str, status: int) -> None:
    assert client.get(f"/search?{query}").status_code == status


def test_a_page_costs_at_most_six_statements(app: Flask, client: Visitor) -> None:
    costs = []
    for number in (2, 20):
        for _ in range(number):
            article = make_published(
                app, body="The resolver looped.", tags=["DNS"], timeline=[{"text": "An alarm rang."}]
            )
            make_comment(app, article, text="A resolver and an alarm.")
        index_now(app)
        for q in ("resolver", "alarm", "tag:dns", "kind:comment"):
            client.get("/search", query_string={"q": q})
            with counted(app) as statements:
                page_of(client, q, sort="newest")
            costs.append(len(statements))
    assert max(costs) <= 6, costs
    assert costs[:4] == costs[4:]


def test_without_an_index_titles_are_searched_for_exactly_what_was_typed(app: Flask, client: Visitor) -> None:
    percent = make_published(app, title="Disk at 100% again", summary="A disk.")
    make_published(app, title="Disk at 1000 again", summary="A disk.")
    assert found(client, "100%") == [percent.slug]
    assert found(client, "_isk") == []
    assert found(client, "DISK 1000") != []
    assert found(client, "zyxwvut") == []
    assert "The search is being rebuilt." in words_of(page_of(client, "tag:dns"))
