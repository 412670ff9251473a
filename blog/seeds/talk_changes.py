"""What became of the comments of the demo world: each step through the change that people use, by one of its people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import joinedload

from blog.accounts.models import User
from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision
from blog.articles.plain_text import from_text, to_text
from blog.articles.queries import newest_revision
from blog.articles.rendering import render_document
from blog.comments import standing_changes
from blog.comments.hold_changes import hold
from blog.comments.mark_changes import mark_useful
from blog.comments.models import Comment
from blog.comments.spam_checks import TOO_FAST
from blog.editor import publishing, reviewing
from blog.extensions import db
from blog.lib.front_matter import load_yaml
from blog.moderation.flag_changes import flag_comment

FILE = Path(__file__).parent / "talk.yaml"


def talk() -> list[dict[str, Any]]:
    """`{comment, do, by}` of each step and what it needs: `answer`, `code` and `words`, `wrong`, `right` and `note`."""
    return list(load_yaml(FILE.read_text(encoding="utf-8"))["talk"])


def load_talk(article: Article, *, cast: Mapping[str, User], loaded: Mapping[str, Comment]) -> None:
    """Take the comments of a write-up, by their ids in the demo world, as far as it says."""
    for step in talk():
        if step["comment"] in loaded:
            comment = db.session.get_one(Comment, loaded[step["comment"]].id, options=[joinedload(Comment.article)])
            _take(article, comment, step, cast, loaded)
            db.session.flush()


def _take(
    article: Article, comment: Comment, step: Mapping[str, Any], cast: Mapping[str, User], loaded: Mapping[str, Comment]
) -> None:
    actor = cast[step["by"]]
    match step["do"]:
        case "answer":
            standing_changes.mark_answer(actor=actor, comment=comment, answer_id=loaded[step["answer"]].id)
        case "useful":
            mark_useful(actor=actor, comment=comment)
        case "flag":
            flag_comment(actor=actor, comment=comment, code=step["code"], words=step["words"])
        case "hold":
            hold(comment=comment, codes=[TOO_FAST], actor=None)
        case "accept":
            _accept(article, comment, step, cast)


def _accept(article: Article, comment: Comment, step: Mapping[str, Any], cast: Mapping[str, User]) -> None:
    """Into the next revision, which somebody else approves; it went live when the correction was made."""
    newest = newest_revision(article)
    assert newest is not None
    text = to_text(parse_document_text(newest.document))
    assert text.count(step["wrong"]) == 1
    document = from_text(text.replace(step["wrong"], step["right"]))
    revision: Revision = standing_changes.accept(
        actor=cast[step["by"]],
        comment=comment,
        article=article,
        document=document,
        based_on_id=newest.id,
        note=step["note"],
        rendered=render_document(document),
        public_note=step["note"],
    )
    reviewer = cast[step["reviewer"]]
    reviewing.approve(actor=reviewer, revision=revision, document_hash=revision.document_hash)
    publishing.publish(actor=reviewer, revision=revision, article=article)
    revision.created_at = revision.submitted_at = revision.live_at = article.updated_at = comment.created_at
