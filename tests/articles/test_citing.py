"""Citing a revision: what is given, and that no title or name breaks out of a format."""

import json
import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from blog.articles.citing import Citation
from tests.factories.articles import make_draft, make_published, make_revised
from tests.people import ARUN
from tests.visitor import Visitor, signed_in

HOSTILE = ["100% of {it} & $5 #1 a_b ~c ^d \\input{x}", "}, author={Me}", "{", "}} @misc{x,", "“Why?”", '<script>"']


def citation(title: str = "Queue host full", authors: tuple[str, ...] = ("Arun", "Rosa and Ravi")) -> Citation:
    return Citation(
        title=title,
        authors=authors,
        site="Hindsight",
        site_url="https://site.example",
        slug="queue-host-full",
        number=2,
        live_at=datetime(2026, 5, 3, 23, 30, tzinfo=UTC),
    )


def test_a_sentence_names_revision_day_and_address() -> None:
    assert citation().text == (
        "Arun, Rosa and Ravi. “Queue host full.” Hindsight, revision 2, 3 May 2026. "
        "https://site.example/postmortems/queue-host-full/revisions/2"
    )
    assert citation("Why?", ()).text.startswith("“Why?” Hindsight")


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_ends_its_field_in_bibtex(title: str) -> None:
    entry = citation(title, (title,)).bibtex
    depth = 0
    for place, character in enumerate(entry.rstrip()):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth > 0 or place in (*range(len("@misc")), len(entry.rstrip()) - 1)
    assert depth == 0
    fields = re.findall(r"^  (\w+) = ", entry, re.MULTILINE)
    assert fields == ["title", "author", "year", "month", "howpublished", "note", "url"]
    line = next(line for line in entry.splitlines() if line.startswith("  title"))
    assert not re.search(r"(?<!\\)[%#&$_]", line)


def test_a_name_with_and_in_it_is_one_author() -> None:
    assert "author = {{Arun} and {Rosa and Ravi}}," in citation().bibtex


@pytest.mark.parametrize("title", HOSTILE)
def test_csl_json_gives_the_title_back(title: str) -> None:
    (item,) = json.loads(citation(title).csl_json)
    assert item["title"] == title
    assert item["issued"] == {"date-parts": [[2026, 5, 3]]}
    assert item["author"] == [{"literal": "Arun"}, {"literal": "Rosa and Ravi"}]


def test_the_page_and_the_files_name_the_revision(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="full", title='Queue "full" & <late>')
    make_revised(app, article, title="Queue full")
    page = client.get("/postmortems/full/revisions/1/cite").text
    assert "Queue &#34;full&#34; &amp; &lt;late&gt;" in page
    bibtex = client.get("/postmortems/full/revisions/1/cite.bib")
    assert bibtex.content_type == "application/x-bibtex; charset=utf-8"
    assert 'filename="full-r1.bib"' in bibtex.headers["Content-Disposition"]
    assert r"Queue \"full\"" not in bibtex.text and r"\& <late>" in bibtex.text
    (item,) = json.loads(client.get("/postmortems/full/revisions/2/cite.json").text)
    assert item["URL"].endswith("/postmortems/full/revisions/2")
    assert "/postmortems/full/revisions/2/cite" in client.get("/postmortems/full").text


def test_what_was_never_published_is_not_cited(app: Flask, client: Visitor) -> None:
    draft = make_draft(app, slug="later")
    assert client.get("/postmortems/later/revisions/1/cite").status_code == 404
    signed_in(client, ARUN)
    answer = client.get(f"/postmortems/{draft.article.slug}/revisions/1/cite")
    assert answer.status_code == 404
    assert "never published" in answer.text
