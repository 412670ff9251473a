"""How often somebody may try to sign in or make an account: counted in the database, so that all processes share it.

Who tried is kept as a keyed hash, so the table holds no addresses. All of it is off when `RATE_LIMITS` is off.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete

from blog.accounts import queries
from blog.accounts.models import Attempt
from blog.errors import TooMany
from blog.extensions import db
from blog.lib import clock
from blog.lib.addresses import network_of

TRIES = 10  # a person who mistypes is done by then; a guesser gets under 3,000 a day
WINDOW = timedelta(minutes=5)
MAX_WINDOW = timedelta(minutes=40)
MEMORY = timedelta(hours=1)  # each ten failures within it double the window
MAX_GLOBAL = 1_000  # in WINDOW, over all accounts: many addresses trying one password on many accounts
MAX_REGISTRATIONS = 5  # a day an address: a household or a small office, not a spammer
DAY = timedelta(days=1)
KEEP = timedelta(days=2)  # rows that no limit looks at are removed after this
SWEEP_EVERY = 100  # rows, so that not every sign-in pays for tidying

SIGN_IN, REGISTRATION = "sign-in", "registration"


@dataclass(frozen=True)
class Tries:
    """The rows of one try, to be taken back when it succeeds: only failures count."""

    rows: tuple[Attempt, ...] = ()

    def forgive(self) -> None:
        db.session.execute(delete(Attempt).where(Attempt.id.in_([row.id for row in self.rows])))


def admit_sign_in(*, email_key: str, address: str, is_known_address: bool) -> Tries:
    """Count this try before the password is looked at, so that twenty at once are twenty. Raises `TooMany`.

    Strangers cannot lock a person out: from an address the person signed in from before (`is_known_address`), only the
    tries of that address count, not those of others on the account.
    """
    if not _is_on():
        return Tries()
    account_key, address_key = _key("account", email_key), _key("address", network_of(address))
    now = clock.now()
    if len(queries.attempts(kind=SIGN_IN, key="", since=now - WINDOW, limit=MAX_GLOBAL)) >= MAX_GLOBAL:
        raise TooMany("Very many people try to sign in just now.", retry_after_seconds=60)
    for key in (address_key,) if is_known_address else (address_key, account_key):
        _refuse_guesser(key, now)
    return Tries(_count(SIGN_IN, ("", account_key, address_key), now))


def admit_registration(*, address: str) -> Tries:
    """Count an account about to be made from this address. Raises `TooMany` when it made its number for a day."""
    if not _is_on():
        return Tries()
    key, now = _key("address", network_of(address)), clock.now()
    times = queries.attempts(kind=REGISTRATION, key=key, since=now - DAY, limit=MAX_REGISTRATIONS)
    if len(times) >= MAX_REGISTRATIONS:
        raise TooMany(
            f"Only {MAX_REGISTRATIONS} accounts a day can be made from one network.",
            retry_after_seconds=_seconds(times[-1] + DAY - now),
        )
    return Tries(_count(REGISTRATION, (key,), now))


def _refuse_guesser(key: str, now: datetime) -> None:
    most = TRIES * int(MAX_WINDOW / WINDOW)
    times = queries.attempts(kind=SIGN_IN, key=key, since=now - MEMORY, limit=most)
    if len(times) < TRIES:
        return
    window = min(WINDOW * 2 ** (len(times) // TRIES - 1), MAX_WINDOW)
    free_at = times[TRIES - 1] + window
    if now < free_at:
        raise TooMany(
            "There were too many failed tries to sign in.",
            retry_after_seconds=_seconds(free_at - now),
        )


def _count(kind: str, keys: tuple[str, ...], now: datetime) -> tuple[Attempt, ...]:
    rows = tuple(Attempt(kind=kind, key=key, at=now) for key in keys)
    db.session.add_all(rows)
    db.session.flush()
    if any(row.id % SWEEP_EVERY == 0 for row in rows):
        db.session.execute(delete(Attempt).where(Attempt.at < now - KEEP))
    return rows


def _is_on() -> bool:
    return bool(current_app.extensions["hindsight_settings"].rate_limits)


def _key(what: str, value: str) -> str:
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, f"{what}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _seconds(left: timedelta) -> int:
    return max(1, int(left.total_seconds()) + 1)
