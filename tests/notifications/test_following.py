"""Following: the page of one thing, the page of all, and the notices on the site."""

import pytest
from flask import Flask

from tests.factories.articles import make_draft, make_published
from tests.factories.comments import make_comment, make_thread
from tests.factories.follows import drain, follow_article, notices_of
from tests.people import ARUN, MIA, NOOR, join
from tests.visitor import Visitor, signed_in


def as_person(app: Flask, person=MIA) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, person)
    return client


def test_a_write_up_is_followed_and_left_again(app: Flask) -> None:
    article = make_published(app, title="Disk full")
    client = as_person(app)
    assert f"/follow?of=article&amp;id={article.id}" in client.get(f"/postmortems/{article.slug}").text
    page = client.get(f"/follow?of=article&id={article.id}").text
    assert "Disk full" in page and "Stop following" not in page
    answer = client.post("/follow", data={"of": "article", "id": article.id, "pace": "daily"})
    assert answer.location == f"/postmortems/{article.slug}"
    assert "Disk full" in client.get("/account/follows").text
    assert "Stop following" in client.get(f"/follow?of=article&id={article.id}").text
    client.post("/follow", data={"of": "article", "id": article.id, "pace": "site"})
    assert client.get("/account/follows").text.count("Disk full</a>") == 1, "again changes the pace"
    client.post("/follow/end", data={"of": "article", "id": article.id})
    assert "You follow nothing yet" in client.get("/account/follows").text


def test_a_thread_is_followed_by_any_comment_of_it(app: Flask) -> None:
    article = make_published(app)
    first, second = make_thread(app, article, [None, 0], user=NOOR)
    client = as_person(app)
    client.post("/follow", data={"of": "thread", "id": second, "pace": "site"})
    assert f'href="/comments/{first}">Noor on “{article.title}”' in client.get("/account/follows").text


def test_tags_and_searches_are_followed_from_their_pages(app: Flask) -> None:
    make_published(app, tags=["queues"])
    drain(app)
    client = as_person(app)
    assert "/follow?of=tag&amp;id=queues" in client.get("/tags/queues").text
    assert "/follow?of=search&amp;q=disk" in client.get("/search?q=disk&tag=queues").text
    client.post("/follow", data={"of": "tag", "id": "queues"})
    client.post("/follow", data={"of": "search", "q": "disk", "tag": "queues"})
    page = client.get("/account/follows").text
    assert 'href="/tags/queues"' in page and 'href="/search?q=disk&amp;tag=queues"' in page
    assert "disk · tag: queues" in page


@pytest.mark.parametrize(
    "asked",
    ["of=article&id=9999", "of=article&id=x", "of=tag&id=nothing", "of=search", "of=person&id=1", "", "of=thread&id=7"],
)
def test_what_is_not_there_cannot_be_followed(app: Flask, asked: str) -> None:
    assert as_person(app).get(f"/follow?{asked}").status_code == 404


def test_a_draft_cannot_be_followed_even_by_its_author(app: Flask) -> None:
    draft = make_draft(app)
    client = as_person(app, ARUN)
    assert client.get(f"/follow?of=article&id={draft.article_id}").status_code == 404
    assert client.post("/follow", data={"of": "article", "id": draft.article_id}).status_code == 404


def test_an_unknown_pace_is_refused_beside_the_choice(app: Flask) -> None:
    article = make_published(app)
    answer = as_person(app).post("/follow", data={"of": "article", "id": article.id, "pace": "hourly"})
    assert answer.status_code == 400 and "Choose one of" in answer.text


def test_nobody_changes_the_follows_of_others(app: Flask) -> None:
    row = follow_article(app, MIA, make_published(app))
    noor = as_person(app, NOOR)
    assert noor.post(f"/account/follows/{row.id}/end").status_code == 404
    assert noor.post(f"/account/follows/{row.id}/pace", data={"pace": "site"}).status_code == 404
    assert "You follow nothing yet" in noor.get("/account/follows").text
    mia = as_person(app)
    assert mia.post(f"/account/follows/{row.id}/pace", data={"pace": "site"}).status_code == 303
    assert mia.post(f"/account/follows/{row.id}/end").status_code == 303


def test_notices_stand_on_the_site_with_their_number_until_they_are_read(app: Flask) -> None:
    article = make_published(app, title="Disk full")
    follow_article(app, MIA, article)
    client = as_person(app)
    assert '<span class="notices-new"></span>' in client.get(f"/postmortems/{article.slug}").text
    make_comment(app, article, user=NOOR, text="It was **full** again.")
    drain(app)
    assert '<span class="notices-new">1</span>' in client.get(f"/postmortems/{article.slug}").text
    page = client.get("/account/notices").text
    assert "Noor commented on “Disk full”" in page and "It was full again." in page
    assert "Because you follow “Disk full”" in page
    number = page.partition('name="up_to" value="')[2].partition('"')[0]
    assert client.post("/account/notices/seen", data={"up_to": number}).status_code == 303
    assert '<span class="notices-new"></span>' in client.get(f"/postmortems/{article.slug}").text
    assert "Mark all" not in client.get("/account/notices").text


def test_looking_at_notices_changes_nothing(app: Flask) -> None:
    article = make_published(app)
    follow_article(app, MIA, article)
    make_comment(app, article, user=NOOR)
    drain(app)
    client = as_person(app)
    client.get("/account/notices")
    assert "1 new" in client.get("/account/notices").text


def test_the_notices_of_others_are_theirs(app: Flask) -> None:
    article = make_published(app, title="Disk full")
    follow_article(app, MIA, article)
    make_comment(app, article, user=NOOR)
    drain(app)
    assert notices_of(app, MIA) == ["comment"]
    assert "Disk full" not in as_person(app, ARUN).get("/account/notices").text


def test_hostile_names_and_titles_are_text_on_every_page_and_in_mail_words(app: Flask) -> None:
    article = make_published(app, title="<script>alert(1)</script> {{ 7*7 }} {name}")
    follow_article(app, MIA, article)
    make_comment(app, article, user=NOOR)
    drain(app)
    client = as_person(app)
    for path in ("/account/notices", "/account/follows", f"/follow?of=article&id={article.id}"):
        page = client.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} {name}" in page, path


def test_a_reader_is_sent_to_sign_in_and_back(app: Flask) -> None:
    join(app, MIA)
    answer = app.test_client().get("/follow?of=search&q=disk")
    assert answer.status_code == 303 and "next=/follow" in answer.location.replace("%2F", "/").replace("%3D", "=")
