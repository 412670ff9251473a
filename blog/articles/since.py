"""What changed in a write-up since a member read it last: for the marks on its page."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from blog.accounts.models import User
from blog.articles import history_queries
from blog.articles.comparing import Comparison, compare
from blog.articles.document import parse_document_text
from blog.articles.history_queries import Publication
from blog.articles.models import ArticleState
from blog.articles.queries import ArticlePage
from blog.articles.rendering import current_form
from blog.lib.html_blocks import with_new_blocks_marked

WORDS = {"added": "new", "changed": "changed", "moved": "moved"}
BEFORE, AFTER = '<div class="since-block" role="group" aria-label="Changed since you read it">', "</div>"


@dataclass(frozen=True)
class Since:
    """`number` is the revision that the member read, `at` when; `notes` tell of what went live after it, the latest
    first; `body` is the text with what is new marked.
    """

    number: int
    at: datetime
    comparison: Comparison
    notes: list[Publication]
    rows: dict[str, str]
    body: Markup


def since_last_visit(user: User | None, page: ArticlePage, published: list[Publication]) -> Since | None:
    """None for who has not noted a visit, or has read what is live now."""
    if user is None or page.article.state != ArticleState.PUBLISHED:
        return None
    found = history_queries.visit_of(user.id, page.article)
    if found is None or found[1].id == page.article.live_revision_id:
        return None
    visit, read = found
    (text,) = history_queries.documents_of([read])
    document = parse_document_text(text)
    comparison = compare(document, page.document)
    old = current_form(text, stored=read.rendered, version=read.renderer_version, document=document)
    return Since(
        number=read.number,
        at=visit.at,
        comparison=comparison,
        notes=[one for one in published if read.live_at is None or one.at > read.live_at],
        rows={row.path: WORDS[row.kind] for row in comparison.rows if row.kind in WORDS},
        body=with_new_blocks_marked(page.rendered["html"], old["html"], before=BEFORE, after=AFTER),
    )
