"""The one door to the mail server: a message whose parts cannot become headers, handed over and the answer judged."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import BinaryIO, Literal, Self
from urllib.parse import unquote, urlsplit

from blog.errors import HindsightError
from blog.lib.text import clean_line, excerpt, mend_text

SECONDS = 10.0  # for each step of the talk with the server; it is near, or it is out of order
MAX_SUBJECT = 150  # characters; programs for mail show fewer
MAX_LINE = 990  # RFC 5322 allows 998. Folded earlier, a long address in a header would be encoded, and read by nobody
MAX_LINES = 100  # of one answer; servers tell what they can in about ten
MAX_SAID = 300  # characters of the server's answer that are kept
SCHEMES: dict[str, tuple[Literal["plain", "starttls", "tls"], int]] = {
    "smtp": ("plain", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
OF_POLICY = "5.7."  # RFC 3463: security or policy. It tells of us, not of the address


class Refused(HindsightError):
    """The server will never take this message. `is_address` says that it is because of whom it is for."""

    status = 502
    title = "The mail server refused the message"

    def __init__(self, message: str, *, is_address: bool) -> None:
        super().__init__(message)
        self.is_address = is_address


class Unavailable(HindsightError):
    """The server cannot be reached, or takes nothing now: later it may."""

    status = 502
    title = "The mail server takes no message now"


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    security: Literal["plain", "starttls", "tls"]
    user: str = ""
    password: str = ""

    @classmethod
    def read(cls, address: str) -> Self:
        """From `smtp://`, `smtp+starttls://` or `smtps://`, with `user:password@` where it asks for them (quoted as in
        every address). Raises ValueError with words for the operator, which never hold the password.
        """
        try:
            parts = urlsplit(address)
            security, port = SCHEMES[parts.scheme]
            host, port = parts.hostname or "", parts.port or port
        except (ValueError, KeyError):
            raise ValueError("must be smtp://HOST, smtp+starttls://USER:PASSWORD@HOST or smtps://...") from None
        if not host or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must name a host, and nothing behind it but a port")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if password and security == "plain" and host not in LOOPBACK:
            raise ValueError("must not send a password in the open: use smtp+starttls:// or smtps://")
        return cls(host, port, security, user, password)

    @property
    def shown(self) -> str:
        """Without the password."""
        return f"{self.host}:{self.port} ({'TLS' if self.security != 'plain' else 'not encrypted'})"


@dataclass(frozen=True)
class Letter:
    """What one person is sent. `unsubscribe` is the address of RFC 8058; `marks` are more headers of ours."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    unsubscribe: str = ""
    marks: tuple[tuple[str, str], ...] = ()


def compose(letter: Letter, *, sender: str, name: str, at: datetime) -> EmailMessage:
    """The message as it is sent: plain text first, HTML beside it. Raises ValueError for an address that is none."""
    is_ascii = f"{letter.to}{sender}".isascii()
    message = EmailMessage(policy=SMTP.clone(utf8=not is_ascii, max_line_length=MAX_LINE))
    message["From"] = _address(sender, name)
    message["To"] = _address(letter.to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for header, value in letter.marks:
        message[header] = one_line(value)
    message.set_content(mend_text(letter.text))
    message.add_alternative(mend_text(letter.html), subtype="html")
    return message


def one_line(text: str) -> str:
    """A value of a header: no line ends in it, nothing invisible, not too long, and no encoded word (RFC 2047): the
    package `email` would decode it, with the line ends that it may hold, and write these out.
    """
    try:
        cleaned = clean_line(mend_text(text))
    except ValueError:  # it turns the direction of text
        cleaned = "".join(sign for sign in mend_text(text) if sign.isprintable())
    return excerpt(cleaned, MAX_SUBJECT).replace("=?", "= ?")


def _address(address: str, name: str = "") -> Address:
    user, _, domain = address.rpartition("@")
    is_broken = any(sign.isspace() or not sign.isprintable() for sign in address)
    if not user or not domain or is_broken or "=?" in address:  # an encoded word, as in `one_line`
        raise ValueError("this is no address of mail")
    return Address(display_name=one_line(name), username=user, domain=domain)


class _Answer:
    """What a server says, line by line: one that never comes to an end is ended."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.left = file, 0

    def readline(self, size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError(f"an answer of more than {MAX_LINES} lines")
        return self._file.readline(size)

    def close(self) -> None:
        self._file.close()


class _Brief(smtplib.SMTP):
    """Takes no answer without an end: `smtplib` would read it until the memory is full."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Answer(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = MAX_LINES
        return super().getreply()


class _BriefTLS(_Brief, smtplib.SMTP_SSL):
    """The same, encrypted from the beginning."""


class MailDoor:
    """A connection to the server that is opened with the first message and serves for all that follow."""

    def __init__(self, server: MailServer, *, sender: str) -> None:
        self._server, self._sender = server, sender
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (smtplib.SMTPException, OSError):
                smtp.close()

    def send(self, message: EmailMessage, *, to: str) -> None:
        """Hand one message over. When this returns, the server has it. Raises `Refused` or `Unavailable`."""
        try:
            self._open().send_message(message, self._sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[to]
            self.close()
            raise _judged(code, said, is_address=True) from error
        except smtplib.SMTPDataError as error:
            self.close()
            raise _judged(error.smtp_code, error.smtp_error, is_address=False) from error
        except smtplib.SMTPNotSupportedError as error:
            self.close()
            raise Refused(f"the server cannot send this: {error}", is_address=False) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise Unavailable(_said(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unavailable(f"{type(error).__name__}: {error}"[:MAX_SAID]) from error

    def _open(self) -> smtplib.SMTP:
        """The connection. What stands in its way is no fault of the message: raises `Unavailable`."""
        if self._smtp is None:
            try:
                self._smtp = self._opened()
            except smtplib.SMTPAuthenticationError as error:
                raise Unavailable("the mail server does not take the name and password of MAIL_URL") from error
            except (smtplib.SMTPException, OSError, ValueError) as error:  # what it says may be no base64, nor ASCII
                raise Unavailable(f"{type(error).__name__}: {error}"[:MAX_SAID]) from error
        return self._smtp

    def _opened(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.security == "tls":
            smtp: smtplib.SMTP = _BriefTLS(server.host, server.port, timeout=SECONDS, context=context)
        else:
            smtp = _Brief(server.host, server.port, timeout=SECONDS)
        try:
            if server.security == "starttls":
                smtp.starttls(context=context)
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _judged(code: int, said: bytes | str, *, is_address: bool) -> HindsightError:
    """5xx is for good, anything else may pass (RFC 5321, 4.2.1)."""
    words = _said(code, said)
    if not 500 <= code < 600:
        return Unavailable(words)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Refused(words, is_address=is_address and not text.startswith(OF_POLICY))


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {' '.join(mend_text(text).split())}"[:MAX_SAID]
