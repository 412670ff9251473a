"""How pages name what holds comments: codes, rules, and what their writers are told."""

from collections.abc import Iterable

from blog.comments.models import FLAGGED
from blog.comments.rule_checks import lines_of
from blog.comments.rule_models import CommentRule, RuleKind
from blog.comments.spam_checks import FILLED, NO_PROOF, TOO_FAST, TOO_LATE

MAX_CODES = 64  # characters, the width of `Comment.held_code`

KIND_WORDS = {
    RuleKind.FIRST: "The first comments of a member",
    RuleKind.LINKS: "Many links",
    RuleKind.WORDS: "Listed words",
    RuleKind.PERSON: "All by one person",
    RuleKind.SIMILAR: "The same text many times",
}
TRAP_WORDS = {
    FILLED: "A field that people do not see was filled in",
    TOO_FAST: "The form was sent right after it was opened",
    TOO_LATE: "The form was sent long after it was opened",
    NO_PROOF: "The browser did not do the asked work",
}
# To its writer, after "It waits because". Never which words: whoever knows them writes around them.
TOLD = {
    RuleKind.FIRST: "the first comments of new members are looked at",
    RuleKind.LINKS: "it has many links",
    RuleKind.WORDS: "of a word in it",
    RuleKind.PERSON: "a moderator looks at what you post",
    RuleKind.SIMILAR: "it resembles other comments of the last day",
    FLAGGED: "several members flagged it",
    FILLED: "a field that people do not see was filled in, perhaps by your browser",
    TOO_FAST: "it was sent right after the form was opened",
    TOO_LATE: "it was sent long after the form was opened",
    NO_PROOF: "your browser did not do the small computation that this site asks for",
}


def joined_codes(codes: Iterable[str]) -> str:
    """Codes as a comment is marked with them; those that do not fit are left out."""
    joined = ""
    for code in codes:
        longer = f"{joined} {code}".strip()
        if len(longer) > MAX_CODES:
            break
        joined = longer
    return joined


def rule_number(code: str) -> int | None:
    """The number of the rule that a code names: 7 for `links-7`, None for what is no rule."""
    kind, _, number = code.rpartition("-")
    return int(number) if kind in set(RuleKind) and number.isdecimal() else None


def code_words(code: str) -> str:
    """What held a comment, for moderators: `Many links`. The bare code where it is neither rule nor trap."""
    if rule_number(code) is not None:
        return KIND_WORDS[RuleKind(code.rpartition("-")[0])]
    return TRAP_WORDS.get(code, code)


def rules_in(held_code: str) -> list[int]:
    """The numbers of the rules that held a comment."""
    return [number for code in held_code.split() if (number := rule_number(code)) is not None]


def why_held(held_code: str) -> list[str]:
    """What held a comment, for its writer: ends of a sentence. Empty where nothing can be told."""
    names = [code.rpartition("-")[0] if rule_number(code) is not None else code for code in held_code.split()]
    return list(dict.fromkeys(TOLD[name] for name in names if name in TOLD))


def rule_words(rule: CommentRule) -> str:
    """What a rule says, in a sentence without its verb: `Comments with more than 2 links to other sites`."""
    number = rule.amount or 0
    match rule.kind:
        case RuleKind.FIRST:
            return "The first comment of each member" if number == 1 else f"The first {number} comments of each member"
        case RuleKind.LINKS:
            return f"Comments with more than {number} {'link' if number == 1 else 'links'} to other sites"
        case RuleKind.WORDS:
            lines = lines_of(rule.words)
            more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
            return f"Comments with the words {', '.join(f'“{line}”' for line in lines[:3])}{more}"
        case RuleKind.PERSON:
            return f"Everything that {rule.person.name if rule.person else 'nobody'} posts"
        case RuleKind.SIMILAR:
            times = "another comment" if number == 1 else f"{number} other comments"
            return f"Comments that resemble {times} of the last day"
