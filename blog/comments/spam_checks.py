"""What a sent form itself tells of a program that posts: a field nobody sees, the time it took, the work it did."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from blog.accounts.models import User
from blog.lib import clock
from blog.lib.once import Once, made_at
from blog.settings import current_settings

HONEYPOT = "website"  # a field that people do not see
PROOF = "altcha"

# Codes of what held a comment, beside those of rules. They stand in `Comment.held_code`.
FILLED = "honeypot"
TOO_FAST = "too-fast"
TOO_LATE = "too-late"
NO_PROOF = "no-proof"

MOST_WORK = 100_000  # hashes: about a second of a phone
PROOF_HOLDS = timedelta(hours=1)
MAX_PROOF = 2_000  # characters


def traps_of(form: Mapping[str, str]) -> list[str]:
    """What about this form tells of a program. A form that does not say when it was opened (a program of somebody who
    knows our addresses) is not judged by time: limits of account and address hold for it.
    """
    settings = current_settings()
    found = [FILLED] if form.get(HONEYPOT, "").strip() else []
    opened_at = made_at(form.get("once", "")) if settings.rate_limits else None
    if opened_at is not None:
        took = clock.now() - opened_at
        if took < timedelta(seconds=settings.form_min_seconds):
            found.append(TOO_FAST)
        elif settings.form_max_hours and took > timedelta(hours=settings.form_max_hours):
            found.append(TOO_LATE)
    return found


def new_challenge(user: User) -> dict[str, object]:
    """Work for the browser of this person, in the form of the package altcha (v1, SHA-256)."""
    from altcha.v1 import create_challenge  # only sites that ask for it load what comes with it

    challenge = create_challenge(
        algorithm="SHA-256",
        max_number=MOST_WORK,
        salt_length=12,
        hmac_key=_key(),
        salt="",
        number=None,
        expires=clock.now() + PROOF_HOLDS,
        params={"for": str(user.id)},
    )
    return dict(challenge.to_dict())


def proof_of(user: User, form: Mapping[str, str]) -> Once | None:
    """The work that came with a form, as what must be there once only; None where it is none, or somebody else's."""
    from altcha.v1 import extract_params, verify_solution

    payload = _payload(form.get(PROOF, ""))
    if payload is None or extract_params(payload).get("for") != [str(user.id)]:
        return None
    is_done, _ = verify_solution(payload, _key(), check_expires=True)
    digest = sha256(f"proof {payload['challenge']}".encode()).hexdigest()
    return Once(digest, digest) if is_done else None


def _payload(sent: str) -> Any:
    """What the form holds, if it has the shape that the package takes for granted; else None."""
    try:
        payload = json.loads(base64.b64decode(sent, validate=True)) if 0 < len(sent) <= MAX_PROOF else None
    except (ValueError, RecursionError):
        return None
    texts = ("algorithm", "challenge", "salt", "signature")
    if not isinstance(payload, dict) or not all(isinstance(payload.get(name), str) for name in texts):
        return None
    is_number = type(payload.get("number")) is int and 0 <= payload["number"] <= MOST_WORK
    return payload if is_number and payload["algorithm"] == "SHA-256" and payload["salt"].isascii() else None


def _key() -> bytes:
    return sha256(f"proof of work {current_settings().secret_key}".encode()).digest()
