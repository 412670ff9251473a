"""Proposing: a program writes a new draft in the name of a person and asks for its review. It never goes further."""

from blog.accounts import token_changes
from blog.accounts.models import ApiToken, User
from blog.articles import reviewing, writing
from blog.articles.document import Document
from blog.articles.models import Article, Revision
from blog.extensions import db


def propose(
    *, actor: User, token: ApiToken, document: Document, label: str, rendered: writing.Rendered
) -> tuple[Article, Revision]:
    """A new write-up, submitted, with `label` on its first revision. Whoever owns the token counts as its author, so
    somebody else has to approve it. Raises what `create_article` and `submit` raise. `rendered` is what
    `render_document` made, before the transaction.
    """
    revision = writing.create_article(actor=actor, document=document, note=label, rendered=rendered)
    article = db.session.get_one(Article, revision.article_id)
    reviewing.submit(actor=actor, revision=revision, article=article, note=label)
    token_changes.note_written(token=token, owner=actor, subject=revision)
    return article, revision
