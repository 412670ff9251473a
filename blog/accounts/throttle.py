"""How often somebody may try to sign in, make an account or have a mail sent: counted in the database, so that all
processes share it.

The settings say how often. Ten failures in five minutes: a person who mistypes is done by then, and a guesser gets
under 3,000 a day. Over all accounts: many addresses may try one password on many accounts. Five accounts a day of an
address: a household or a small office, not a spammer.

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
from blog.lib.rate_limits import rates
from blog.settings import current_settings

DOUBLINGS = 3  # of the wait, one for each round of failures: of 5 minutes it becomes 40
MEMORY = 12  # waits; failures within them count towards the next round
KEEP = timedelta(days=1)  # how much longer than any limit looks at them rows are kept
SWEEP_EVERY = 100  # rows, so that not every sign-in pays for tidying

SIGN_IN, REGISTRATION, RESET, VERIFICATION = "sign-in", "registration", "reset", "verification"


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
    most, span = _rate(current_settings().sign_in_rate_of_all)
    if len(queries.attempts(kind=SIGN_IN, key="", since=now - span, limit=most)) >= most:
        raise TooMany("Very many people try to sign in just now.", retry_after_seconds=60)
    for key in (address_key,) if is_known_address else (address_key, account_key):
        _refuse_guesser(key, now)
    return Tries(_count(SIGN_IN, ("", account_key, address_key), now))


def admit_registration(*, address: str) -> Tries:
    """Count an account about to be made from this address. Raises `TooMany` when it made its number for a day."""
    if not _is_on():
        return Tries()
    key, now = _key("address", network_of(address)), clock.now()
    most, span = _rate(current_settings().registration_rate)
    times = queries.attempts(kind=REGISTRATION, key=key, since=now - span, limit=most)
    if len(times) >= most:
        raise TooMany(
            f"Only {most} accounts can be made from one network at a time.",
            retry_after_seconds=_seconds(times[-1] + span - now),
        )
    return Tries(_count(REGISTRATION, (key,), now))


def admit_reset(*, email_key: str, address: str) -> None:
    """Count a mail for a new password, whether anybody has this address or not. Raises `TooMany`."""
    keys = (_key("account", email_key), _key("address", network_of(address)))
    _admit_mail(RESET, keys, current_settings().reset_rate)


def admit_verification(*, user_id: int) -> None:
    """Count a mail that somebody has sent to their own address. Raises `TooMany`."""
    _admit_mail(VERIFICATION, (_key("person", str(user_id)),), current_settings().verification_rate)


def when(error: TooMany) -> str:
    """`in 3 minutes`, `in 5 hours`."""
    minutes = -(-error.retry_after_seconds // 60)
    if minutes >= 120:
        return f"in {-(-minutes // 60)} hours"
    return f"in {minutes} minute{'s' if minutes > 1 else ''}"


def _admit_mail(kind: str, keys: tuple[str, ...], rate: str) -> None:
    if not _is_on():
        return
    (most, span), now = _rate(rate), clock.now()
    for key in keys:
        times = queries.attempts(kind=kind, key=key, since=now - span, limit=most)
        if len(times) >= most:
            raise TooMany(
                "This many mails were asked for already. Look for them, also where unwanted mail is put.",
                retry_after_seconds=_seconds(times[-1] + span - now),
            )
    _count(kind, keys, now)


def _refuse_guesser(key: str, now: datetime) -> None:
    tries, wait = _rate(current_settings().sign_in_rate)
    times = queries.attempts(kind=SIGN_IN, key=key, since=now - MEMORY * wait, limit=tries * 2**DOUBLINGS)
    if len(times) < tries:
        return
    free_at = times[tries - 1] + wait * 2 ** min(len(times) // tries - 1, DOUBLINGS)
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
        db.session.execute(delete(Attempt).where(Attempt.at < now - _longest() - KEEP))
    return rows


def _is_on() -> bool:
    return current_settings().rate_limits


def _rate(setting: str) -> tuple[int, timedelta]:
    """(how many, in which time)."""
    (rate,) = rates(setting)
    return rate.amount, timedelta(seconds=rate.get_expiry())


def _longest() -> timedelta:
    """The span of the past that any limit looks at."""
    settings = current_settings()
    others = (settings.registration_rate, settings.sign_in_rate_of_all, settings.reset_rate, settings.verification_rate)
    spans = [_rate(setting)[1] for setting in others]
    return max(*spans, MEMORY * _rate(settings.sign_in_rate)[1])


def _key(what: str, value: str) -> str:
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, f"{what}:{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _seconds(left: timedelta) -> int:
    return max(1, int(left.total_seconds()) + 1)
