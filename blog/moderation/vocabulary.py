"""What moderation is said in: the reasons to choose from, the acts, and for how long somebody may be suspended."""

from enum import StrEnum


class Code(StrEnum):
    """Why somebody flags a comment, or a moderator acts. The words beside it say the rest."""

    ADVERTISING = "advertising"
    ATTACK = "attack"
    BLAME = "blame"
    PERSONAL_DATA = "personal-data"
    LEAK = "leak"
    OFF_TOPIC = "off-topic"
    REPEATED = "repeated"
    UNLAWFUL = "unlawful"
    FINE = "fine"
    MENDED = "mended"
    MISTAKE = "mistake"
    OTHER = "other"
    FLAGS = "flags"  # enough members flagged it; nobody chooses this one


CODE_WORDS = {
    Code.ADVERTISING: "Advertising or spam",
    Code.ATTACK: "Attacks a person",
    Code.BLAME: "Blames somebody instead of asking how it could happen",
    Code.PERSONAL_DATA: "Gives away personal data",
    Code.LEAK: "Gives away a password, a key or an inner address",
    Code.OFF_TOPIC: "Has nothing to do with the write-up",
    Code.REPEATED: "Says the same again",
    Code.UNLAWFUL: "Breaks the law",
    Code.FINE: "Nothing speaks against it",
    Code.MENDED: "Its writer mended it",
    Code.MISTAKE: "Was done by mistake",
    Code.OTHER: "Something else",
    Code.FLAGS: "Flagged by several members",
}
AGAINST = (
    Code.ADVERTISING, Code.ATTACK, Code.BLAME, Code.PERSONAL_DATA, Code.LEAK, Code.OFF_TOPIC, Code.REPEATED,
    Code.UNLAWFUL, Code.OTHER,
)  # fmt: skip
IN_FAVOUR = (Code.FINE, Code.MENDED, Code.MISTAKE, Code.OTHER)
TO_GRANT = IN_FAVOUR[:-1]  # in the form, beside the others: `OTHER` stands there once


class Verb(StrEnum):
    """What was done. `HOLD` is done by the site itself, when enough members flagged a comment."""

    HIDE = "hide"
    RESTORE = "restore"
    APPROVE = "approve"
    KEEP = "keep"
    HOLD = "hold"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    UPHOLD = "uphold"  # an appeal was judged: what was done stands
    GRANT = "grant"  # an appeal was judged: what was done is taken back


CODES_OF = {
    Verb.HIDE: AGAINST,
    Verb.SUSPEND: AGAINST,
    Verb.RESTORE: IN_FAVOUR,
    Verb.APPROVE: IN_FAVOUR,
    Verb.KEEP: IN_FAVOUR,
    Verb.UNSUSPEND: IN_FAVOUR,
    Verb.UPHOLD: AGAINST,
    Verb.GRANT: IN_FAVOUR,
}
# What a list of acts says was done, before the thing it was done to.
DONE_WORDS = {
    Verb.HIDE: "hid",
    Verb.RESTORE: "restored",
    Verb.APPROVE: "approved",
    Verb.KEEP: "looked at and left",
    Verb.HOLD: "put aside",
    Verb.SUSPEND: "suspended",
    Verb.UNSUSPEND: "ended the suspension of",
    Verb.UPHOLD: "refused an appeal about",
    Verb.GRANT: "granted an appeal about",
}
SUSPENSION_DAYS = (1, 3, 7, 14, 30, 90)
LONGEST_SUSPENSION = SUSPENSION_DAYS[-1]  # days; who should stay away for longer is disabled by an admin


def told(code: str, words: str) -> str:
    """A reason as everybody reads it: `Advertising or spam: it sells disks.`"""
    label = CODE_WORDS.get(Code(code), "") if code in set(Code) else ""
    if code == Code.OTHER or not label:
        return words
    return f"{label}: {words}" if words else f"{label}."
