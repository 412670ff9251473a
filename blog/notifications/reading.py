"""The words of each mail, made when it is sent: text and HTML from the same values."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app
from markupsafe import Markup

from blog.accounts.models import User
from blog.comments.reading import comment_html
from blog.lib.absolute_links import with_absolute_links
from blog.lib.clock import iso
from blog.lib.mail import Letter, one_line
from blog.lib.text import plain_text
from blog.notifications import tokens
from blog.notifications.models import Message, MessageKind
from blog.notifications.queries import Shown
from blog.notifications.tokens import Unsubscribing
from blog.settings import current_settings

MOST = 30  # entries of one mail; the rest stands on the site


@dataclass(frozen=True)
class Item:
    """One entry of a mail. `html` is the comment, drawn as on the site; `text` the same in plain words."""

    words: str
    address: str
    html: Markup
    text: str
    reason: str
    why: str


def account_letter(message: Message, user: User, *, token: str = "") -> Letter:
    """Mail about the account itself: a link that is to be used, or what was done."""
    settings = current_settings()
    paths = {
        MessageKind.RESET: f"/account/reset/new?token={token}",
        MessageKind.VERIFY: f"/account/verify/address?token={token}",
        MessageKind.CHANGED: "/account/reset",
    }
    subjects = {
        MessageKind.RESET: f"Choose a new password for {settings.site_name}",
        MessageKind.VERIFY: f"Is this your address? {settings.site_name}",
        MessageKind.CHANGED: f"Your password for {settings.site_name} was changed",
    }
    subject = subjects[message.kind]
    shown = {
        "kind": str(message.kind), "subject": subject, "name": one_line(user.name),
        "link": settings.site_url + paths[message.kind], "settings": settings,
    }  # fmt: skip
    return Letter(
        to=user.email,
        subject=subject,
        text=_drawn("emails/account.txt", **shown),
        html=_drawn("emails/account.html", **shown),
        message_id=message_id_of(message),
    )


def notices_letter(message: Message, user: User, entries: Sequence[Shown]) -> Letter | None:
    """What somebody follows; None where nothing of it can be read any more."""
    settings = current_settings()
    there = [entry for entry in entries if entry.address and not entry.is_gone]
    if not there:
        return None
    is_digest = message.kind == MessageKind.DIGEST
    follow_ids = {entry.follow_id or 0 for entry in there}
    unsubscribe = f"{settings.site_url}/unsubscribe?to={tokens.sign(Unsubscribing(user.id, tuple(follow_ids)))}"
    subject = _subject(there, is_digest=is_digest)
    shown = {
        "subject": subject, "is_digest": is_digest, "items": [_item(entry) for entry in there[:MOST]],
        "left_out": max(0, len(there) - MOST), "unsubscribe": unsubscribe, "settings": settings,
        "name": one_line(user.name),
    }  # fmt: skip
    return Letter(
        to=user.email,
        subject=subject,
        text=_drawn("emails/notices.txt", **shown),
        html=_drawn("emails/notices.html", **shown),
        message_id=message_id_of(message),
        unsubscribe=unsubscribe,
        marks=(("List-Id", f"<follows.{_host()}>"),),
    )


def message_id_of(message: Message) -> str:
    """The same at each try, so that a message that came twice is seen to be one."""
    facts = f"{message.id} {iso(message.created_at)} {current_settings().secret_key}"
    return f"<{message.kind}.{message.id}.{hashlib.sha256(facts.encode()).hexdigest()[:16]}@{_host()}>"


def _subject(entries: Sequence[Shown], *, is_digest: bool) -> str:
    name = current_settings().site_name
    if len(entries) == 1:
        return f"[{name}] {entries[0].words}"
    titles = list(dict.fromkeys(entry.title for entry in entries))
    about = f"on “{titles[0]}”" if len(titles) == 1 else f"on “{titles[0]}” and more"
    return f"[{name}] {'Your day: ' if is_digest else ''}{len(entries)} new things {about}"


def _item(entry: Shown) -> Item:
    address = current_settings().site_url + entry.address
    html = Markup("")
    if entry.said_at is not None:
        drawn = comment_html(user=entry.name, at=entry.said_at, text=entry.html)
        html = Markup(with_absolute_links(str(drawn), page=address))  # noqa: S704 - only addresses of ours were completed
    lines = plain_text(str(entry.html)).splitlines()
    return Item(entry.words, address, html, "\n".join(f"> {line}" for line in lines), entry.reason, entry.why)


def _drawn(template: str, /, **values: object) -> str:
    """A template without what a page would look up: nobody asks for a mail, so there is no request."""
    return current_app.jinja_env.get_template(template).render(**values)


def _host() -> str:
    return urlsplit(current_settings().site_url).hostname or "localhost"
