"""Names and addresses of people: which are accepted, and the keys under which two of them count as the same.

A name's key folds case and look-alikes (Unicode TS 39 skeletons, as the package confusable-homoglyphs lists them), so
that the unique column `name_key` keeps `Аda` with a Cyrillic А, `ADA` and `Ada` from being three people.
"""

import re
from collections.abc import Set
from functools import cache

from blog.lib import text

MAX_NAME = 64
MAX_KEY = 128  # the column; some letters have a skeleton of several
MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3 with the angle brackets taken off
MAX_TYPED = 320  # characters as typed, which may become fewer; nothing looks closer at more
RESERVED = (
    "admin", "administrator", "root", "system", "moderator", "staff", "support", "security", "api", "feed", "deleted",
    "anonymous", "nobody", "null", "undefined", "none", "webmaster", "postmaster", "hostmaster", "abuse", "hindsight",
    "erased member", "admins", "administrators", "moderators", "moderation", "mod", "mods", "editors", "official",
    "site", "team",
)  # fmt: skip
# With these a name of the site's own is still one: “The moderators” under a comment would be read as a notice of ours.
SMALL_WORDS = ("a", "an", "the", "this", "of", "our", "your")
TOWER = "This name has too many marks on one letter. Use fewer."
_INVISIBLE = re.compile(f"(?! )[{text.INVISIBLE}]")
_BLANKS = re.compile(r"[ \t]+")
_WORDS = re.compile(r"[^\W_]+")
_SCRIPTS_TOGETHER = (  # people write these languages in more than one script
    {"HAN", "HIRAGANA", "KATAKANA", "LATIN"},
    {"HAN", "HANGUL", "LATIN"},
    {"HAN", "BOPOMOFO", "LATIN"},
)


class BadName(ValueError):
    """The message says, to the person who typed it, what about a name or an address must change."""


def clean_name(raw: str) -> str:
    """A name as it is shown: NFKC, trimmed, single blanks. Raises `BadName`."""
    typed = raw.strip(" \t")
    if len(typed) > MAX_TYPED:
        raise BadName(f"Use at most {MAX_NAME} characters; this name has {len(typed)}.")
    if text.has_tower(typed):
        raise BadName(TOWER)
    name = _BLANKS.sub(" ", text.normalised(typed, "NFKC")).strip(" ")
    if not name:
        raise BadName("Enter a name. Others see it beside what you write.")
    if len(name) > MAX_NAME:
        raise BadName(f"Use at most {MAX_NAME} characters; this name has {len(name)}.")
    if _INVISIBLE.search(name):
        raise BadName("This name holds characters that cannot be seen or that turn the text around. Type it anew.")
    try:
        if text.clean_line(name) != text.normalised(name, "NFC"):
            raise BadName(TOWER)
    except ValueError as error:
        raise BadName(str(error)) from error
    if not _is_one_script(name):
        raise BadName("This name mixes letters of different scripts, which lets it pass for another. Use one script.")
    if len(key_of_name(name)) > MAX_KEY:
        raise BadName("This name is too long. Use a shorter one.")
    return name


def is_reserved(name: str, *, more: tuple[str, ...] = ()) -> bool:
    """Whether this name, or what it looks like, would be taken for the site's own. `more`: the name of this site."""
    taken = _reserved_keys() | {key_of_name(other) for other in more}
    keys = look_alike_keys(name)
    return not taken.isdisjoint(keys) or any(_is_made_of(taken, _WORDS.findall(key)) for key in keys)


def _is_made_of(taken: Set[str], words: list[str]) -> bool:
    telling = set(words) - _small_keys()
    return bool(telling) and telling <= taken


def key_of_name(name: str) -> str:
    """The form that is unique: names with the same key are the same name to a reader."""
    return _skeleton(_as_shown(name).casefold())


def look_alike_keys(name: str) -> set[str]:
    """The keys of all names this one may pass for: capitals of another script look like other letters than small ones
    (Greek `ΝΙΝΑ` is read as NINA, `νινα` as vlva).
    """
    return {key_of_name(name), _skeleton(_mapped(_as_shown(name)).casefold())}


def _as_shown(name: str) -> str:
    return _BLANKS.sub(" ", text.normalised(name, "NFKC")).strip()


def clean_email(raw: str) -> str:
    """An address as mail is sent to it. Raises `BadName`. Whether mail arrives there is not asked."""
    typed = raw.strip()
    if len(typed) > MAX_TYPED:
        raise BadName(f"Use an address of at most {MAX_EMAIL} characters.")
    import email_validator  # here: with its tables it takes longer to import than the rest of the accounts

    # The package lets its users change this list. Closed networks and tests do have addresses under .local and .test.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        found = email_validator.validate_email(typed, check_deliverability=False, globally_deliverable=False)
    except ValueError as error:  # `EmailNotValidError` is one
        raise BadName("Enter an e-mail address such as name@example.org.") from error
    if len(found.normalized) > MAX_EMAIL:
        raise BadName(f"Use an address of at most {MAX_EMAIL} characters.")
    return found.normalized


def key_of_email(email: str) -> str:
    """The form that is unique, for an address that was cleaned as well as for one just typed.

    Empty, which is nobody's, for what is longer than any address.
    """
    typed = email.strip()
    return text.normalised(typed, "NFKC").strip().casefold() if len(typed) <= MAX_TYPED else ""


def _is_one_script(name: str) -> bool:
    from confusable_homoglyphs.categories import alias  # 10 MB of tables: only who makes an account needs them

    scripts = {alias(character) for character in name} - {"COMMON", "INHERITED", "UNKNOWN"}
    return len(scripts) <= 1 or any(scripts <= together for together in _SCRIPTS_TOGETHER)


def _skeleton(folded: str) -> str:
    # Prototypes may be capitals. A capital i is drawn as a small L, and case is folded, so i, l and 1 are one letter.
    return text.normalised(_mapped(folded).casefold().replace("i", "l"), "NFC")


def _mapped(name: str) -> str:
    prototypes = _prototypes()
    return "".join(prototypes.get(character, character) for character in text.normalised(name, "NFD"))


@cache
def _reserved_keys() -> frozenset[str]:
    return frozenset(key_of_name(name) for name in RESERVED)


@cache
def _small_keys() -> frozenset[str]:
    return frozenset(key_of_name(word) for word in SMALL_WORDS)


@cache
def _prototypes() -> dict[str, str]:
    """Each character that looks like another -> the one that stands for all of them.

    The package lists pairs in both directions. The one that stands for all is the one that many lead to.
    """
    from confusable_homoglyphs.confusables import confusables_data

    found = {}
    for character, others in confusables_data.items():
        if len(character) != 1 or len(others) != 1:
            continue
        other = others[0]["c"]
        is_target = len(confusables_data.get(other, ())) > 1 or other < character
        if is_target:
            found[character] = other.strip("\u200e")
    return found
