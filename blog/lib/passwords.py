"""Passwords: hashing them with argon2id, and refusing those that would be guessed first."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from blog.errors import Busy

MIN_LENGTH = 12
MIN_LENGTH_TRUSTED = 15  # for people whose account can change what others read, as long as there is no second factor
MAX_LENGTH = 256  # far above what a password manager makes; a bound keeps the work per request known

HASHES_AT_ONCE = 1  # each takes 64 MiB and all of four cores for about 0.1 s: two at once are not faster, only bigger
MAX_WAITING = 5  # requests in line for it; further ones get 503, so that of 8 server threads 2 always go on reading
WAIT_SECONDS = 4.0

hasher = PasswordHasher()  # argon2id with the library's defaults: RFC 9106's second choice, m=64 MiB t=3 p=4
_slots = threading.BoundedSemaphore(HASHES_AT_ONCE)
_places = threading.BoundedSemaphore(HASHES_AT_ONCE + MAX_WAITING)
_CORE = re.compile(r"[^\W\d_](?:.*[^\W\d_])?", re.DOTALL)  # from the first letter to the last
_LEET = str.maketrans("013457@$!", "oleastasi")


def hash_password(password: str) -> str:
    """The hash to store. Slow by design: never call it inside a transaction. Raises `Busy` when too many wait."""
    with _place():
        return hasher.hash(_canonical(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password behind `stored`. None (nobody, or no password set) takes as long and is False.

    So does one that is longer than any can be; it is not looked at. Slow by design: never call it inside a
    transaction. Raises `Busy` when too many wait.
    """
    if len(password) > MAX_LENGTH:
        password, stored = "", None
    with _place():
        decoy = _decoy(hasher)
        try:
            is_match = hasher.verify(stored or decoy, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
        return is_match and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether `stored` was made with weaker parameters than today's, so that the next sign-in should hash anew."""
    return hasher.check_needs_rehash(stored)


def fault_of(password: str, *, names: tuple[str, ...] = (), is_trusted: bool = False) -> str | None:
    """Why this password cannot be chosen, in words for the person; None when it can.

    `names` are words a guesser tries first: of the site and of the person. Length is counted in characters. There are
    no rules about kinds of characters (NIST SP 800-63B 3.1.1.2).
    """
    minimum = MIN_LENGTH_TRUSTED if is_trusted else MIN_LENGTH
    if len(password) < minimum:
        return f"Use at least {minimum} characters. A few words in a row are easy to remember and hard to guess."
    if len(password) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    if not _is_text(password):
        return "This password holds characters that cannot be stored. Use others."
    if is_common(password):
        return "This password is among the first that are tried. Choose one that is not a common word or sequence."
    core = _core(password)
    if any(core and core == _core(name) for name in names):
        return "This password is a name of yours or of this site. Choose something that others cannot guess."
    return None


def is_common(password: str) -> bool:
    """Whether a guesser's short list finds it: a common word with digits, a repetition, or a run of keys."""
    plain = password.casefold()
    if _is_repetition(plain) or _is_run(plain) or plain in _common():
        return True
    core = _core(password)
    return _unrepeated(core) in _common() or _unrepeated(core.translate(_LEET)) in _common()


def _canonical(password: str) -> str:
    """One form for what different keyboards send for the same letters."""
    return unicodedata.normalize("NFC", password)  # never more than MAX_LENGTH of it come here


def _is_text(password: str) -> bool:
    return not any(unicodedata.category(character) in ("Cs", "Cc") for character in password)


def _core(text: str) -> str:
    """What is left of a password without case, and without the digits and marks around it: `Password-2024!`."""
    found = _CORE.search(text.casefold())
    return found[0] if found else ""


def _unrepeated(text: str) -> str:
    """The shortest piece whose repetition makes `text`."""
    place = (text + text).find(text, 1) if text else 0
    return text[:place]


def _is_repetition(text: str) -> bool:
    return len(_unrepeated(text)) <= 4


def _is_run(text: str) -> bool:
    runs = ("abcdefghijklmnopqrstuvwxyz" * 2, "1234567890" * 3, "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p")
    return any(text in run or text in run[::-1] for run in runs)


@cache
def _common() -> frozenset[str]:
    path = Path(__file__).with_name("common_passwords.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _decoy(maker: PasswordHasher) -> str:
    """A hash that nobody's password has, made with today's parameters so that it takes the same time to refuse."""
    return maker.hash("nobody has this password")


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        if not _slots.acquire(timeout=WAIT_SECONDS):
            raise Busy
        try:
            yield
        finally:
            _slots.release()
    finally:
        _places.release()
