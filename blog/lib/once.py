"""Once: what marks a request that may come twice: a header of the program, or a hidden field of the comment form."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request

from blog.errors import Fault, Invalid
from blog.lib import clock
from blog.settings import current_settings

HEADER = "Idempotency-Key"
MAX_KEY = 255  # characters


@dataclass(frozen=True)
class Once:
    """`key_hash` names who asks for what under which key, `body_hash` what was sent; both are SHA-256 in hex."""

    key_hash: str
    body_hash: str


def new_key(secret: str = "") -> str:
    """A key for one form: when it was made, a random part, and what shows that we made it. `secret` is the key of the
    site, which is asked for where an application is at hand.
    """
    stamp = f"{int(clock.now().timestamp()):x}.{secrets.token_urlsafe(12)}"
    return f"{stamp}.{_signature(stamp, secret or current_settings().secret_key)}"


def made_at(key: str) -> datetime | None:
    """When the form with this key was made; None for a key that is not ours."""
    stamp, _, signature = key.rpartition(".")
    settings = current_settings()
    known = [settings.secret_key, *filter(None, settings.secret_key_fallbacks.split(","))]
    if not key.isascii() or not any(hmac.compare_digest(signature, _signature(stamp, one)) for one in known):
        return None
    return datetime.fromtimestamp(int(stamp.partition(".")[0], 16), UTC)


def _signature(stamp: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"form {stamp}".encode(), hashlib.sha256).hexdigest()[:24]


def once_of_program(token_id: int) -> Once | None:
    """From the header of this request; None without one. Raises `Invalid` for a key that is none."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    _check(key)
    body = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    return Once(_digest(f"token {token_id}", request.path, key), body)


def once_of_form(user_id: int, key: str, *sent: str) -> Once | None:
    """From the hidden field of a form and what was typed into it; None for a form without one.

    What was typed is part of the key: who goes back and writes something else in the same form says something new.
    """
    if not key:
        return None
    _check(key)
    body = _digest(*sent)
    return Once(_digest(f"user {user_id}", request.path, key, body), body)


def _check(key: str) -> None:
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise Invalid([Fault(HEADER, f"A key is 1 to {MAX_KEY} printable ASCII characters.")])


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
