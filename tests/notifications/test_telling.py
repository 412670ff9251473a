"""Who is told of what: once each, and never of their own acts."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments import merging
from blog.comments.changes import set_state, withdraw
from blog.comments.edit_changes import edit_comment
from blog.comments.mention_queries import people_in
from blog.comments.models import Comment, CommentState
from blog.comments.queries import comment_for
from blog.comments.text_checks import prepare
from blog.extensions import db
from blog.journal.changes import record
from blog.journal.models import Event, Job
from blog.lib import clock
from blog.lib.database import writing
from blog.moderation.changes import approve_comment, hide_comment
from blog.notifications import audience_queries
from blog.notifications.jobs import tell
from blog.notifications.models import Notice
from tests.factories.accounts import a_person
from tests.factories.articles import make_published, make_revised
from tests.factories.comments import make_comment
from tests.factories.follows import drain, follow_article, follow_tag, follow_thread, notices_of
from tests.people import ARUN, MIA, MOSS, NOOR, RAVI, ROSA, join


def test_who_is_answered_is_told_and_the_writer_is_not(app: Flask) -> None:
    article = make_published(app)
    first = make_comment(app, article, user=MIA)
    make_comment(app, article, user=NOOR, parent_id=first.id)
    drain(app)
    assert notices_of(app, MIA) == ["reply"]
    assert notices_of(app, NOOR) == []


def test_nobody_is_told_of_their_own_acts(app: Flask) -> None:
    article = make_published(app)
    first = make_comment(app, article, user=MIA)
    follow_article(app, MIA, article)
    follow_thread(app, MIA, first.id)
    make_comment(app, article, user=MIA, parent_id=first.id)
    drain(app)
    assert notices_of(app, MIA) == []


def test_who_follows_it_in_three_ways_is_told_once_by_the_strongest(app: Flask) -> None:
    article = make_published(app)
    first = make_comment(app, article, user=MIA)
    follow_article(app, MIA, article)
    follow_thread(app, MIA, first.id)
    make_comment(app, article, user=NOOR, parent_id=first.id)
    make_comment(app, article, user=NOOR)
    drain(app)
    assert notices_of(app, MIA) == ["reply", "comment"]


def test_followers_of_a_thread_hear_of_that_thread_alone(app: Flask) -> None:
    article = make_published(app)
    first, other = make_comment(app, article, user=MIA), make_comment(app, article, user=MIA)
    drain(app)
    follow_thread(app, ARUN, first.id)
    make_comment(app, article, user=NOOR, parent_id=first.id)
    make_comment(app, article, user=NOOR, parent_id=other.id)
    drain(app)
    assert notices_of(app, ARUN) == ["thread"]


def test_a_tag_tells_of_what_is_published_first_and_a_write_up_of_what_is_changed(app: Flask) -> None:
    old = make_published(app, tags=["queues"])
    drain(app)
    follow_tag(app, MIA, "queues")
    follow_article(app, NOOR, old)
    drain(app)
    make_published(app, tags=["queues", "dns"])
    make_published(app, tags=["dns"])
    make_revised(app, old, public_note="The time was wrong.", summary="Other words.")
    drain(app)
    assert notices_of(app, MIA) == ["published"]
    assert notices_of(app, NOOR) == ["corrected"]
    with app.app_context():
        assert db.session.scalars(select(Notice.reason).where(Notice.kind == "corrected")).all() == [
            "The time was wrong."
        ]


def test_what_is_withdrawn_before_anybody_was_told_is_told_to_nobody(app: Flask) -> None:
    article = make_published(app)
    follow_article(app, NOOR, article)
    said = make_comment(app, article, user=MIA)
    row = join(app, MIA)
    with app.app_context(), writing(db.session):
        withdraw(actor=db.session.get_one(User, row.id), comment=comment_for(row, said.id))
    drain(app)
    assert notices_of(app, NOOR) == []


def test_who_is_disabled_is_told_nothing(app: Flask) -> None:
    article = make_published(app)
    follow_article(app, NOOR, article)
    row = join(app, NOOR)
    with app.app_context(), writing(db.session):
        db.session.get_one(User, row.id).disabled_at = clock.now()
    make_comment(app, article, user=MIA)
    drain(app)
    assert notices_of(app, NOOR) == []


def test_followers_go_along_with_a_merge_and_come_back_with_its_undoing(app: Flask) -> None:
    one, into = make_published(app), make_published(app)
    follow_article(app, MIA, one)
    drain(app)
    reviewer = join(app, RAVI)

    def change(act, **more):
        with app.app_context(), writing(db.session):
            article = db.session.get_one(Article, one.id)
            act(actor=reviewer, article=article, reason="The same incident.", **more)

    with app.app_context(), writing(db.session):
        article, other = (db.session.get_one(Article, number) for number in (one.id, into.id))
        merging.merge(actor=reviewer, article=article, into=other, reason="The same incident.")
    drain(app)
    make_comment(app, into, user=NOOR)
    drain(app)
    assert notices_of(app, MIA) == ["merged", "comment"]
    change(merging.undo_merge)
    make_comment(app, into, user=NOOR)
    drain(app)
    assert notices_of(app, MIA) == ["merged", "comment"], "that is another write-up again"
    make_comment(app, one, user=NOOR)
    drain(app)
    assert notices_of(app, MIA) == ["merged", "comment", "comment"]


def test_a_job_that_is_run_twice_tells_once(app: Flask) -> None:
    article = make_published(app)
    follow_article(app, NOOR, article)
    make_comment(app, article, user=MIA)
    with app.app_context():
        jobs = list(db.session.scalars(select(Job).where(Job.kind == "notices.tell").order_by(Job.id.desc())))
        tell(jobs)
        tell(jobs)
    assert notices_of(app, NOOR) == ["comment"]


def test_a_job_tells_so_many_and_the_next_one_the_others(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience_queries, "MOST", 3)
    article = make_published(app)
    for _ in range(8):
        follow_article(app, a_person(app), article)
    make_comment(app, article, user=MIA)
    worker = app.extensions["hindsight_worker"]
    told = []
    while worker.run_once():
        with app.app_context():
            told.append(db.session.scalar(select(func.count()).select_from(Notice)))
    steps = sorted(set(told) - {0})
    assert steps == [3, 6, 8]
    with app.app_context():
        assert db.session.scalar(select(func.count(Notice.user_id.distinct()))) == 8


def test_what_one_follows_is_in_no_journal(app: Flask) -> None:
    article = make_published(app)
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(Event))
    follow_article(app, MIA, article)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Event)) == before


def test_the_writer_hears_what_a_moderator_did_and_why(app: Flask) -> None:
    article = make_published(app)
    said = make_comment(app, article, user=MIA)
    row = join(app, MOSS)
    with app.app_context(), writing(db.session):
        hide_comment(actor=row, comment=comment_for(row, said.id), reason="It names somebody who was on call.")
    drain(app)
    assert notices_of(app, MIA) == ["hidden"]
    with app.app_context():
        assert "on call" in db.session.scalars(select(Notice.reason)).one()


@pytest.mark.parametrize("kind", ["comment.posted", "comment.edited"])
def test_who_is_mentioned_is_told(app: Flask, kind: str) -> None:
    rosa, mia = join(app, ROSA), join(app, MIA)
    said = make_comment(app, make_published(app), user=MIA)
    with app.app_context(), writing(db.session):
        data = {"article": said.article_id, "mentions": [rosa.id, mia.id]}
        record(kind, subject=said, actor=mia, data=data)
    drain(app)
    assert notices_of(app, ROSA) == ["mention"]
    assert notices_of(app, MIA) == []


def test_what_waited_for_a_moderator_is_told_when_it_is_let_through(app: Flask) -> None:
    rosa, mia, moss = join(app, ROSA), join(app, MIA), join(app, MOSS)
    article = make_published(app)
    follow_article(app, NOOR, article)
    said = make_comment(app, article, user=MIA)
    with app.app_context(), writing(db.session):
        set_state(
            db.session.get_one(Comment, said.id), CommentState.HELD, after=CommentState.VISIBLE, held_code="links"
        )
        record("comment.held", subject=said, actor=mia, data={"article": article.id, "mentions": [rosa.id]})
    drain(app)
    assert notices_of(app, NOOR) == [] == notices_of(app, ROSA)
    with app.app_context(), writing(db.session):
        set_state(db.session.get_one(Comment, said.id), CommentState.VISIBLE, after=CommentState.HELD)
        record("comment.approved", subject=said, actor=moss, data={"article": article.id})
    drain(app)
    assert notices_of(app, NOOR) == ["comment"]
    assert notices_of(app, ROSA) == ["mention"]
    assert notices_of(app, MIA) == ["approved"]


def test_what_members_flagged_and_a_moderator_let_through_is_not_told_again(app: Flask) -> None:
    article = make_published(app)
    join(app, MOSS)
    follow_article(app, NOOR, article)
    first = make_comment(app, article, user=RAVI)
    said = make_comment(app, article, user=MIA, parent_id=first.id)
    drain(app)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        follow_article(app, ROSA, article)  # for her it is no news
    with app.app_context(), writing(db.session):
        comment = db.session.get_one(Comment, said.id)
        set_state(comment, CommentState.HELD, after=CommentState.VISIBLE, held_code="flags")
        record("comment.put_aside", subject=comment, actor=None, data={"article": article.id})
    drain(app)
    with app.app_context(), writing(db.session):
        moss = db.session.scalars(select(User).where(User.email == MOSS.email)).one()
        approve_comment(actor=moss, comment=db.session.get_one(Comment, said.id))
    drain(app)
    assert notices_of(app, NOOR) == ["comment", "comment"]  # of the first and of the answer, once each
    assert notices_of(app, RAVI) == ["reply"]
    assert notices_of(app, ROSA) == []
    assert notices_of(app, MIA) == ["set-aside", "approved"]


def test_nobody_is_called_again_by_a_name_put_out_and_in(app: Flask) -> None:
    join(app, NOOR)
    comment = make_comment(app, make_published(app), user=MIA, text="Ask @noor.")
    drain(app)
    for number in range(3):
        for text in (f"Ask somebody {number}.", f"Ask @noor {number}."):
            with app.app_context():
                prepared = prepare(text, people=people_in([text]))
                with writing(db.session):
                    actor = db.session.get_one(User, comment.user_id)
                    edit_comment(actor=actor, comment=comment_for(actor, comment.id), text=prepared)
            drain(app)
    assert notices_of(app, NOOR) == ["mention"]
