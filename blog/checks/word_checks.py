"""Words of blame, and words that judge with what was known only afterwards. English only; other languages pass.

The lists are short: they hold what hardly ever stands in a blameless text. Other people's words are not judged: what is
quoted, and claims, which say what somebody else holds.
"""

import re
from collections.abc import Iterator

from blog.checks.findings import Check, Finding, Passage

_QUOTED = re.compile(r"“[^”]{0,400}”|\"[^\"]{0,400}\"|‘[^’]{3,400}’(?!\w)")
_PEOPLE = (
    r"(?:engineer|operator|developer|admin(?:istrator)?|employee|contractor|technician|intern|person|people|staff|human|"
    r"user|maintainer|author|reviewer|somebody|someone|he|she|they|team)s?"
)
_CARELESS = (
    r"careless(?:ly|ness)?|negligen(?:tly|ce|t(?! misrepresentation))|incompeten(?:t|tly|ce)|stupid(?:ly|ity)?|"
    r"foolish(?:ly|ness)?|reckless(?:ly|ness)?|sloppy|sloppiness|lazy|laziness|thoughtless(?:ly|ness)?|inexcusabl[ey]|irresponsibl[ey]|"
    r"idiot(?:ic|s)?|blunder(?:s|ed)?|unprofessional(?:ly)?|dumb mistake"
)
BLAME = re.compile(
    rf"\b(?:{_CARELESS}|to blame|(?:was|were|is|are) at fault|"
    rf"(?:his|her|their|whose) (?:own )?fault|{_PEOPLE}(?:'s|’s)? fault|"
    rf"(?:human|operator|pilot) (?:error|failure|mistake)s?|user (?:error|failure|mistake)\b|"
    rf"{_PEOPLE} (?:simply |just )?(?:failed to|neglected to|forgot to|didn['’]t bother|ignored)|"
    r"should(?: really| clearly)? have known better)\b",
    re.IGNORECASE,
)
# Where the words stand in a sentence that turns them away: "not human error", "nobody is to blame".
_TURNED = re.compile(
    r"\b(?:no|not|never|nobody|nor|neither|without|rather than|instead of|blameless|isn['’]t|wasn['’]t|than|beyond|"
    r"avoids?|label|labels|called|calls|word|words|attribut\w+|prevents?|against)\b(?:\W+\w+){0,4}\W*$",
    re.IGNORECASE,
)
_IRREGULAR = (
    "been|begun|bought|broken|brought|built|caught|chosen|come|cut|done|drawn|driven|fallen|felt|forgotten|found|given|"
    "gone|gotten|held|hidden|hit|kept|known|left|lost|made|meant|met|put|risen|run|said|seen|sent|set|shown|shut|spoken|"
    "spotted|stood|taken|taught|thought|told|understood|won|written"
)
HINDSIGHT = re.compile(
    r"\b(?:"
    rf"(?:should|ought to)(?:n['’]t| not| never| really| clearly| simply| surely| also| probably| instead){{0,2}}"
    rf"(?: have|['’]ve) (?:\w{{2,12}}ly |also |not |never |instead |just ){{0,2}}"
    rf"(?:{_IRREGULAR}|\w{{2,18}}ed)(?! access\b)|"
    r"could (?:\w{2,12}ly )?have (?:been )?(?:\w{2,12}ly )?(?:avoided|prevented)|"
    r"(?:in|with|with the benefit of) hindsight|in retrospect|"
    r"(?:it (?:was|is|should have been) |was |were )obvious(?: that| to anyone| to everyone| to anybody)?|obviously|"
    r"if only (?:we|they|he|she|somebody|someone|the)|had (?:we|they|he|she) only"
    r")(?=\W|$)",
    re.IGNORECASE,
)
_TOLD = {
    Check.BLAME: "names a person or a character as the cause; say what made it possible",
    Check.HINDSIGHT: "judges by what was known only later; say what people saw and expected then",
}
_PATTERNS = {Check.BLAME: BLAME, Check.HINDSIGHT: HINDSIGHT}


def word_findings(passages: list[Passage], language: str) -> list[Finding]:
    """One finding a sentence and check."""
    if language.partition("-")[0] != "en":
        return []
    judged = (
        one for one in passages if one.kind in ("prose", "line") and not one.path.startswith(("claims", "sources"))
    )
    return [finding for passage in judged for finding in _in_passage(passage)]


def _in_passage(passage: Passage) -> Iterator[Finding]:
    for sentence in passage.sentences:
        own = _QUOTED.sub(" … ", sentence)
        for check, pattern in _PATTERNS.items():
            found = next((one for one in pattern.finditer(own) if not _is_turned(check, own, one)), None)
            if found:
                told = f"“{' '.join(found[0].split())}” {_TOLD[check]}"
                yield Finding(check, passage.path, passage.place, told, sentence, excerpt=sentence)


def _is_turned(check: Check, sentence: str, found: re.Match[str]) -> bool:
    return check is Check.BLAME and _TURNED.search(sentence[max(found.start() - 60, 0) : found.start()]) is not None
