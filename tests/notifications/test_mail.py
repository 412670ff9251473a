"""Mail about what somebody follows, on its way through a real mail server."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.accounts.proof_queries import is_verified
from blog.articles.models import Article
from blog.comments.queries import comment_for
from blog.extensions import db
from blog.journal.models import Job
from blog.lib.database import writing
from blog.lib.mail import MailDoor
from blog.moderation.changes import hide_comment
from blog.notifications.mail_jobs import forget_messages, send
from blog.notifications.message_changes import PAUSES
from blog.notifications.models import Message, Notice
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.factories.follows import drain, follow_article, messages, notices_of, verified
from tests.mail_server import Post, html_of, mail_server, text_of
from tests.people import ARUN, MIA, MOSS, NOOR, ROSA, join

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def discussed(app: Flask, *, pace: str = "at-once", **given: str) -> Article:
    """A write-up that Noor follows, whose address is verified."""
    article = make_published(app, **given)
    verified(app, NOOR)
    follow_article(app, NOOR, article, pace=pace)
    drain(app)
    return article


def test_what_happens_within_a_minute_is_one_mail(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app, title="Disk full on the queue host")
    for place in range(10):
        make_comment(mailing_app, article, user=MIA, text=f"Word number {place}.")
    drain(mailing_app)
    assert post.taken == [], "it is held for what comes next"
    clock.shift(MINUTE)
    drain(mailing_app)
    assert post.to == [NOOR.email]
    (message,) = post.taken
    assert message["Subject"] == "[Hindsight] 10 new things on “Disk full on the queue host”"
    for place in range(10):
        assert f"Word number {place}." in text_of(message)
        assert f"Word number {place}." in html_of(message)
    make_comment(mailing_app, article, user=MIA)
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert len(post.taken) == 2, "what came after it is the next one"


def test_a_mail_is_text_and_html_with_the_headers_of_one_that_nobody_wrote(
    mailing_app: Flask, post: Post, clock
) -> None:
    article = discussed(mailing_app, title="Disk full")
    said = make_comment(mailing_app, article, user=MIA, text="See [this](/postmortems/) and **that**.")
    clock.shift(MINUTE)
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    (message,) = post.taken
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Subject"] == "[Hindsight] Mia commented on “Disk full”"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(message["List-Unsubscribe"]).startswith("<http://127.0.0.1:8000/unsubscribe?to=")
    assert str(message["Message-ID"]).endswith("@127.0.0.1>")
    assert message["List-Id"] and message["Date"]
    assert f"http://127.0.0.1:8000/comments/{said.id}" in text_of(message)
    html = html_of(message)
    assert '<strong class="comment-user">Mia</strong>' in html and "<strong>that</strong>" in html
    assert 'href="http://127.0.0.1:8000/postmortems/"' in html, "links lead back to the site"
    assert "**" not in text_of(message) and "<strong>" not in text_of(message)


def test_no_text_of_anybody_becomes_a_header(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app, title="Disk full: Bcc: eve@evil.example")
    writer = join(mailing_app, MIA).id
    with mailing_app.app_context(), writing(db.session):
        row = db.session.get_one(Article, article.id)
        row.title = "Disk\r\nBcc: eve@evil.example\r\n\r\n<b>body</b>\u2028X-Evil: 1"  # as no form would take it
        db.session.get_one(User, writer).name = "Mia\nX-Evil: 1"
    make_comment(mailing_app, article, user=MIA)
    clock.shift(2 * MINUTE)
    drain(mailing_app)
    clock.shift(2 * MINUTE)
    drain(mailing_app)
    (message,) = post.taken
    assert post.to == [NOOR.email]
    assert message["Bcc"] is None and message["X-Evil"] is None
    assert "<b>body</b>" not in html_of(message)


def test_the_daily_mail_goes_out_at_its_hour(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app, pace="daily")
    make_comment(mailing_app, article, user=MIA, text="In the morning.")
    drain(mailing_app)
    clock.shift(12 * HOUR)
    make_comment(mailing_app, article, user=MIA, text="In the evening.")
    drain(mailing_app)
    assert post.taken == []
    clock.move_to(datetime(2026, 3, 3, 7, 0, tzinfo=UTC))
    drain(mailing_app)
    (message,) = post.taken
    assert "In the morning." in text_of(message) and "In the evening." in text_of(message)
    clock.shift(DAY)
    drain(mailing_app)
    assert len(post.taken) == 1, "a day without news is a day without mail"


def test_what_is_hidden_before_the_mail_goes_out_is_not_in_it(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app)
    make_comment(mailing_app, article, user=MIA, text="A fair question.")
    unfit = make_comment(mailing_app, article, user=ARUN, text="Unfit words.")
    drain(mailing_app)
    moss = join(mailing_app, MOSS)
    with mailing_app.app_context(), writing(db.session):
        hide_comment(actor=moss, comment=comment_for(None, unfit.id), reason="Unfit for anybody.")
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    (message,) = post.taken
    assert "A fair question." in text_of(message)
    assert "Unfit" not in text_of(message) and "Unfit" not in html_of(message)


def test_a_mail_with_nothing_left_to_say_is_not_sent(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app)
    unfit = make_comment(mailing_app, article, user=ARUN, text="Unfit words.")
    drain(mailing_app)
    moss = join(mailing_app, MOSS)
    with mailing_app.app_context(), writing(db.session):
        hide_comment(actor=moss, comment=comment_for(None, unfit.id), reason="Unfit for anybody.")
    clock.shift(MINUTE)
    drain(mailing_app)
    assert post.taken == [] and messages(mailing_app) == [("at-once", "dropped")]


def test_an_address_that_nobody_verified_gets_no_mail(mailing_app: Flask, post: Post, clock) -> None:
    article = make_published(mailing_app)
    follow_article(mailing_app, NOOR, article)
    make_comment(mailing_app, article, user=MIA)
    clock.shift(DAY)
    drain(mailing_app)
    assert notices_of(mailing_app, NOOR) == ["comment"] and messages(mailing_app) == []


def test_without_a_mail_server_there_are_notices_only(app: Flask, clock) -> None:
    article = discussed(app)
    make_comment(app, article, user=MIA)
    drain(app)
    assert notices_of(app, NOOR) == ["comment"] and messages(app) == []


def test_a_job_that_is_run_twice_mails_once(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app)
    make_comment(mailing_app, article, user=MIA)
    drain(mailing_app)
    with mailing_app.app_context():
        jobs = list(db.session.scalars(select(Job).where(Job.kind == "mail.send")))
        send(jobs)
        send(jobs)
    assert len(post.taken) == 1


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(make_app: MakeApp, clock) -> None:
    with mail_server() as gone:
        address = gone.address
    app = make_app(mail_url=address)
    article = discussed(app)
    make_comment(app, article, user=MIA)
    drain(app)
    clock.shift(MINUTE)
    drain(app)
    with app.app_context():
        (message,) = db.session.scalars(select(Message))
        assert (str(message.state), message.attempts) == ("sending", 1)
        assert "ConnectionRefused" in message.error
        assert message.due_at == START + 2 * MINUTE
    for pause in PAUSES:
        assert messages(app) == [("at-once", "sending")]
        clock.shift(pause)
        drain(app)
    assert messages(app) == [("at-once", "failed")]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_no_other_process_takes_what_a_slow_server_has_not_come_to(
    mailing_app: Flask, post: Post, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = discussed(mailing_app)
    verified(mailing_app, ROSA, MOSS)
    for person in (ROSA, MOSS):
        follow_article(mailing_app, person, article)
    make_comment(mailing_app, article, user=MIA)
    drain(mailing_app)
    clock.shift(MINUTE)
    hand_over, claimed = MailDoor.send, []

    def slowly(door: MailDoor, message: EmailMessage, *, to: str) -> None:
        clock.shift(timedelta(seconds=100))
        claimed.append(set(db.session.scalars(select(Job.locked_until > datetime.now(UTC)))))
        hand_over(door, message, to=to)

    monkeypatch.setattr(MailDoor, "send", slowly)
    drain(mailing_app)
    assert len(post.taken) == 3 and claimed == [{True}] * 3


def test_what_the_server_puts_off_comes_later_as_the_same_message(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app)
    make_comment(mailing_app, article, user=MIA, text="The first words.")
    post.answers[NOOR.email] = "450 4.2.0 Greylisted, come again"
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert post.taken == [] and messages(mailing_app) == [("at-once", "sending")]
    make_comment(mailing_app, article, user=MIA, text="The second words.")
    drain(mailing_app)
    post.answers.clear()
    clock.shift(MINUTE)
    drain(mailing_app)
    assert ["first" in text_of(one) for one in post.taken] == [True, False], "what came since is another mail"
    assert len({str(one["Message-ID"]) for one in post.taken}) == 2
    assert messages(mailing_app) == [("at-once", "sent"), ("at-once", "sent")]


@pytest.mark.parametrize(
    ("answer", "stops"),
    [("550 5.1.1 No such user here", True), ("552 5.2.2 Mailbox full", True), ("554 5.7.1 Your host is listed", False)],
)
def test_an_address_that_its_server_refuses_for_good_gets_no_more_mail(
    mailing_app: Flask, post: Post, clock, answer: str, stops: bool
) -> None:
    article = discussed(mailing_app)
    make_comment(mailing_app, article, user=MIA)
    post.answers[NOOR.email] = answer
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert messages(mailing_app) == [("at-once", "refused")]
    with mailing_app.app_context():
        assert is_verified(join(mailing_app, NOOR)) is not stops
        assert answer[:9] in db.session.scalars(select(Message.error)).one()
    post.answers.clear()
    make_comment(mailing_app, article, user=MIA)
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert len(post.taken) == (0 if stops else 1)
    assert notices_of(mailing_app, NOOR) == ["comment", "comment"], "the notices on the site go on"


def test_a_message_that_the_server_refuses_does_not_stop_the_address(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app)
    make_comment(mailing_app, article, user=MIA)
    post.at_data = "554 5.6.0 This content is not taken"
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert messages(mailing_app) == [("at-once", "refused")]
    with mailing_app.app_context():
        assert is_verified(join(mailing_app, NOOR))


def test_messages_are_forgotten_after_thirty_days_and_their_notices_stay(mailing_app: Flask, post: Post, clock) -> None:
    article = discussed(mailing_app)
    make_comment(mailing_app, article, user=MIA)
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    clock.shift(31 * DAY)
    with mailing_app.app_context():
        forget_messages()
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
        assert db.session.scalar(select(func.count()).select_from(Notice)) == 1
    drain(mailing_app)
    assert len(post.taken) == 1
