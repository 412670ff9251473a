"""The JSON routes of comments: reading the discussion of a write-up, and adding to it."""

from datetime import datetime
from typing import Any

from flask import request

from blog.accounts import label_changes
from blog.accounts.bearer import Caller
from blog.accounts.label_queries import Label
from blog.accounts.models import Program, User
from blog.articles.queries import article_for
from blog.comments import changes, listing, queries, text_checks
from blog.comments.mention_queries import people_in
from blog.comments.models import Comment, CommentState
from blog.errors import Fault, Invalid
from blog.extensions import db
from blog.journal import once_changes
from blog.lib.database import writing
from blog.lib.json_api import PAGE, PREFIX, Answer, Operation, ProgramShown, Sent, Shown, answer_again, checked
from blog.lib.json_api import listing as envelope
from blog.lib.once import once_of_program
from blog.lib.pagination import page_number
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.settings import current_settings


class CommentShown(Shown):
    """A comment. `text` is the Markdown as written, and empty where `state` is hidden, held (it waits for a moderator)
    or withdrawn; of a held one `user` is empty and `user_id` 0, too. `said_on` is the number of the write-up it was
    said on, where that one was merged: `anchor` is a row of it. `program` wrote it, where the person did not. `source`
    says where evidence stands; `standing` is open, answered (by the comment `answer`), accepted or declined, of
    questions and corrections; `edited_at` is set where earlier words are kept. So many members marked it `useful`.
    """

    id: int
    article: str
    url: str
    parent: int | None
    user: str
    user_id: int
    created_at: datetime
    state: str
    kind: str
    anchor: str
    said_on: int | None
    source: str | None
    standing: str | None
    answer: int | None
    edited_at: datetime | None
    useful: int
    program: ProgramShown | None
    text: str


class CommentSent(Sent):
    """A comment to add. `anchor` is the row of the document it is about, as `claims.c1`. Evidence needs a `source`: an
    address or words, unless its text holds a link.
    """

    text: str
    parent_id: int | None = None
    anchor: str = ""
    kind: str = ""
    source: str = ""


def list_comments(*, caller: Caller | None, slug: str) -> Answer:
    article = article_for(caller.user if caller else None, slug)
    said, page = listing.comments_of(article, number=page_number(request.args.get("page")))
    address = f"{current_settings().site_url}{PREFIX}/articles/{slug}/comments"
    shown = (_shown(one, slug) for one in said)
    return Answer(envelope(shown, page, address=address, arguments=request.args.to_dict(flat=False)))


def post_comment(*, caller: Caller, body: Any, slug: str) -> Answer:
    sent: CommentSent = checked(CommentSent, body)
    prepared = text_checks.prepare(sent.text, people=people_in([sent.text]))
    if sent.parent_id is not None and not 0 < sent.parent_id <= MAX_ROW_NUMBER:
        raise Invalid([Fault("parent_id", "this is not the number of a comment")])
    article = article_for(caller.user, slug)
    once = once_of_program(caller.token.id)
    with writing(db.session):
        if kept := once_changes.answered(once):
            return answer_again(kept.answer, kept.status, kept.location)
        queries.read_anew(caller.user, article)
        comment = changes.post_comment(
            actor=caller.user,
            article=article,
            text=prepared,
            parent_id=sent.parent_id,
            anchor=sent.anchor,
            kind=sent.kind,
            source=sent.source,
        )
        label_changes.label(actor=caller.user, subject=comment)
        made = _made(comment, slug=slug, user=caller.user, program=caller.program)
        status = 202 if comment.state == CommentState.HELD else 201
        once_changes.keep(once, status=status, location=made.url, answer=made.model_dump_json())
    return Answer(made, status, location=made.url)


def _made(comment: Comment, *, slug: str, user: User, program: Program) -> CommentShown:
    return CommentShown(
        id=comment.id,
        article=slug,
        url=_url(comment.id),
        parent=comment.parent_id,
        user=user.name,
        user_id=user.id,
        created_at=comment.created_at,
        state=comment.state,
        kind=comment.kind,
        anchor=comment.anchor,
        said_on=None,
        source=comment.source,
        standing=comment.standing,
        answer=None,
        edited_at=None,
        useful=0,
        program=ProgramShown(name=program.name, model=program.model, token=program.prefix, owner=user.name),
        text=comment.text,
    )


OPERATIONS = (
    Operation(
        name="list_comments",
        method="GET",
        path="/articles/<slug>/comments",
        run=list_comments,
        about="The discussion of a write-up, oldest first, flat; `parent` says what each answers.",
        scope="read",
        is_public=True,
        is_list=True,
        shows=CommentShown,
        parameters=(PAGE,),
    ),
    Operation(
        name="post_comment",
        method="POST",
        path="/articles/<slug>/comments",
        run=post_comment,
        about="Add a comment in the name of the token's owner. Where a rule of the site holds it for a moderator, the"
        " answer is 202 and its `state` is held: only its owner and moderators see it until then.",
        scope="comment",
        shows=CommentShown,
        body=CommentSent,
    ),
)


def _url(comment_id: int) -> str:
    return f"{current_settings().site_url}/comments/{comment_id}"


def _shown(one: listing.Said, slug: str) -> CommentShown:
    return CommentShown(
        id=one.id,
        article=slug,
        url=_url(one.id),
        parent=one.parent_id,
        user=one.user_name,
        user_id=one.user_id,
        created_at=one.created_at,
        state=one.state,
        kind=one.kind,
        anchor=one.anchor,
        said_on=one.said_on,
        source=one.source,
        standing=one.standing,
        answer=one.answer_id,
        edited_at=one.edited_at,
        useful=one.useful,
        program=_program(one.label) if one.label else None,
        text=one.text,
    )


def _program(label: Label) -> ProgramShown:
    return ProgramShown(name=label.program, model=label.model, token=label.prefix, owner=label.owner)
