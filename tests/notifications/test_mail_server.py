"""The door to the mail server: addresses of servers, encryption, passwords, and headers that nobody can make."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from flask import Flask
from sqlalchemy import select

from blog.accounts.proof_queries import is_verified
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.mail import Letter, MailDoor, MailServer, Refused, Unavailable, compose
from blog.notifications.models import Message
from blog.settings import BadSettings, load_settings
from tests.conftest import MakeApp
from tests.factories.follows import verified
from tests.mail_server import Post, mail_server, text_of
from tests.people import NOOR, join

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER = "site@notes.example"


def letter(to: str = "mia@people.example", **given: Any) -> Letter:
    values = {"subject": "News", "text": "Words.\n", "html": "<p>Words.</p>", "message_id": "<1.a@notes.example>"}
    return Letter(to=to, **{**values, **given})


def send(address: str, what: Letter) -> None:
    with MailDoor(MailServer.read(address), sender=SENDER) as door:
        door.send(compose(what, sender=SENDER, name="Notes", at=NOW), to=what.to)


@pytest.fixture
def certificate() -> ssl.SSLContext:
    """Of a server called localhost, on this machine alone."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(HERE / "certificate.pem", HERE / "key.pem")
    return context


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is one that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(HERE / "certificate.pem"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25, "plain")),
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, "plain")),
        ("smtp+starttls://me:p%40ss@mail.example", MailServer("mail.example", 587, "starttls", "me", "p@ss")),
        ("smtps://me%40x:pw@mail.example:4650/", MailServer("mail.example", 4650, "tls", "me@x", "pw")),
    ],
)
def test_addresses_of_servers_are_read(address: str, expected: MailServer) -> None:
    assert MailServer.read(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "mail.example", "http://mail.example", "smtp://", "smtp://mail.example/path", "smtp://mail.example?x=1",
        "smtp://mail.example:port", "smtp://me:secret-word@mail.example",
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_used_stops_the_start_and_no_password_is_told(address: str) -> None:
    with pytest.raises(BadSettings, match="MAIL_URL") as told:
        load_settings({"mail_url": address})
    assert "secret-word" not in str(told.value)
    with pytest.raises(BadSettings, match="MAIL_FROM"):
        load_settings({"mail_from": "two@x.example, three@x.example"})


def test_a_connection_is_encrypted_before_anything_is_said(trusted: None, certificate: ssl.SSLContext) -> None:
    with mail_server(tls_context=certificate, require_starttls=True) as post:
        send(f"smtp+starttls://localhost:{post.port}", letter())
        with pytest.raises(Unavailable):
            send(f"smtp://localhost:{post.port}", letter())
    assert post.to == ["mia@people.example"]


def test_a_certificate_that_nobody_vouches_for_is_not_taken(certificate: ssl.SSLContext) -> None:
    with mail_server(tls_context=certificate) as post:
        with pytest.raises(Unavailable, match="certificate"):
            send(f"smtp+starttls://localhost:{post.port}", letter())
        assert post.taken == []


def test_a_server_without_encryption_gets_nothing_where_it_is_asked_for(post: Post) -> None:
    with pytest.raises(Unavailable):
        send(f"smtp+starttls://localhost:{post.port}", letter())
    assert post.taken == []


def test_name_and_password_are_given_to_a_server_that_asks(trusted: None, certificate: ssl.SSLContext) -> None:
    def judge(server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
        return AuthResult(success=(said.login, said.password) == (b"me", b"p@ss"), handled=False)

    with mail_server(tls_context=certificate, auth_required=True, authenticator=judge) as post:
        send(f"smtp+starttls://me:p%40ss@localhost:{post.port}", letter())
        with pytest.raises(Unavailable, match="name and password"):
            send(f"smtp+starttls://me:wrong@localhost:{post.port}", letter())
    assert len(post.taken) == 1


def test_a_server_that_asks_for_a_password_in_no_known_way_is_out_of_order_and_the_address_is_not(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask(self: Post, server: Any, args: list[str]) -> AuthResult:
        await server.push("334 a")  # no base64
        return AuthResult(success=False)

    monkeypatch.setattr(Post, "auth_CRAM__MD5", ask, raising=False)
    with mail_server(auth_require_tls=False) as post:
        app = make_app(mail_url=f"smtp://me:word@127.0.0.1:{post.port}")
        verified(app, NOOR)
        app.test_client().post("/account/reset", data={"email": NOOR.email})
        app.extensions["hindsight_worker"].drain()
    with app.app_context():
        (message,) = db.session.scalars(select(Message))
        assert str(message.state) == "sending" and "base64" in message.error
        assert is_verified(join(app, NOOR))


def test_a_server_whose_answer_never_ends_is_left() -> None:
    def talk(server: socket.socket) -> None:
        client, _ = server.accept()
        with client, suppress(OSError):
            while True:
                client.sendall(b"220-and another thing\r\n" * 100)

    with socket.create_server(("127.0.0.1", 0)) as server:
        talking = threading.Thread(target=talk, args=(server,))
        talking.start()
        with pytest.raises(Unavailable):
            send(f"smtp://127.0.0.1:{server.getsockname()[1]}", letter())
        talking.join(10)
    assert not talking.is_alive()


@pytest.mark.parametrize("to", ["ünï@people.example", "mia@bücher.example", "o'neil+x@people.example"])
def test_addresses_in_other_letters_arrive(post: Post, to: str) -> None:
    send(post.address, letter(to))
    assert post.to == [to]


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", "\0"])
def test_no_value_becomes_a_header_or_a_body(post: Post, sign: str) -> None:
    evil = f"News{sign}Bcc: eve@evil.example{sign}{sign}body"
    with MailDoor(MailServer.read(post.address), sender=SENDER) as door:
        message = compose(letter(subject=evil), sender=SENDER, name=evil, at=NOW)
        door.send(message, to="mia@people.example")
    (taken,) = post.taken
    assert post.to == ["mia@people.example"]
    assert taken["Bcc"] is None and text_of(taken).strip() == "Words."
    assert {name.lower() for name in taken.keys()} == {  # noqa: SIM118 - repeated headers count
        "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "to", ["mia@people.example\r\nBcc: eve@evil.example", "mia", "@x.example", "a b@x.example", ""]
)
def test_what_is_no_address_is_no_address(to: str) -> None:
    with pytest.raises(ValueError):
        compose(letter(to), sender=SENDER, name="Notes", at=NOW)


def test_a_long_link_to_unsubscribe_stays_one_that_programs_read(post: Post) -> None:
    link = "https://notes.example/unsubscribe?to=" + "x" * 300
    with MailDoor(MailServer.read(post.address), sender=SENDER) as door:
        message = compose(letter(unsubscribe=link), sender=SENDER, name="Notes", at=NOW)
        assert f"List-Unsubscribe: <{link}>\r\n".encode() in message.as_bytes()
        door.send(message, to="mia@people.example")


def test_one_connection_serves_for_many_messages_and_goes_on_after_a_refusal(post: Post) -> None:
    post.answers["gone@people.example"] = "550 5.1.1 No such user"
    with MailDoor(MailServer.read(post.address), sender=SENDER) as door:
        for to in ("mia@people.example", "gone@people.example", "noor@people.example"):
            try:
                door.send(compose(letter(to), sender=SENDER, name="Notes", at=NOW), to=to)
            except Refused as refusal:
                assert refusal.is_address
    assert post.to == ["mia@people.example", "noor@people.example"]


def test_the_command_tries_the_server(mailing_app: Flask, post: Post) -> None:
    answer = mailing_app.test_cli_runner().invoke(args=["mail", "test", "ops@people.example"])
    assert answer.exit_code == 0 and post.to == ["ops@people.example"]
    post.answers["ops@people.example"] = "550 5.1.1 No such user"
    answer = mailing_app.test_cli_runner().invoke(args=["mail", "test", "ops@people.example"])
    assert answer.exit_code == 1 and "No such user" in answer.output


def test_the_command_says_that_no_server_is_set(app: Flask) -> None:
    assert "MAIL_URL" in app.test_cli_runner().invoke(args=["mail", "test", "ops@people.example"]).output


def test_the_command_stops_mail_that_bounces(make_app: MakeApp) -> None:
    app = make_app()
    verified(app, NOOR)
    answer = app.test_cli_runner().invoke(args=["mail", "stop", NOOR.email, "--reason", "The mailbox is closed."])
    assert answer.exit_code == 0
    user = join(app, NOOR)
    with app.app_context():
        assert not is_verified(user)
        assert db.session.scalars(select(Event.kind).order_by(Event.id.desc())).first() == "account.mail_stopped"
    assert app.test_cli_runner().invoke(args=["mail", "stop", "nobody@people.example"]).exit_code == 1
