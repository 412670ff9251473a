"""Beginnings for a write-up, one for each kind of incident: headings for the text, and questions that help with it.

The questions ask for what happened and how it made sense to those who were there; none asks who did it. Their kinds
follow what published guides for learning from incidents ask (timeline, detection, surprises, luck, what was hard).
"""

from collections import Counter
from dataclasses import dataclass, field

from blog.articles.document import Document
from blog.articles.vocabulary import IncidentKind


@dataclass(frozen=True)
class Questions:
    """What to think about under one heading of the text, or in one list of the form."""

    heading: str
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """`fields` are the first rows of the form's lists, as it sends them; blank ones show where something belongs."""

    key: str
    title: str
    purpose: str
    questions: tuple[Questions, ...]
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> str:
        return "\n\n\n".join(f"## {one.heading}" for one in self.questions) + "\n"


SURPRISES = Questions(
    "What surprised us",
    (
        "What did we believe about the system that turned out otherwise?",
        "What looked normal at the time, and only later did not?",
        "What took long to understand, and what would have shown it sooner?",
    ),
)
LUCK = Questions(
    "Where we got lucky",
    (
        "What could have made it worse, and happened not to?",
        "Who or what was there by chance: a person awake, a copy nobody planned, a quiet hour?",
        "What stopped it that nobody had put there for the purpose?",
    ),
)
FOLLOWS = Questions(
    "What follows",
    (
        "What would make this shorter, smaller or impossible? Each promise goes into Actions, with a role and a day.",
        "What did we decide not to change, and why?",
        "What should others who run something alike look at tomorrow?",
    ),
)
ONE_INCIDENT = {"incidents-0-kind": IncidentKind.INCIDENT.value}
OUTAGE = Outline(
    "outage",
    "Outage",
    "Something stopped or slowed down, and people felt it.",
    (
        Questions(
            "What happened",
            (
                "What did people who use it see, and from when to when?",
                "What set it off, as far as anybody knows? Say how sure you are.",
                "Which conditions had to be there for it to go this way?",
            ),
        ),
        Questions(
            "How we noticed and what we did",
            (
                "Who or what noticed first: an alarm, a colleague, a customer?",
                "What was tried, in which order, and what made each step sensible at that moment?",
                "What was hard to see or to reach while it lasted?",
            ),
        ),
        SURPRISES,
        LUCK,
        FOLLOWS,
    ),
    ONE_INCIDENT,
)
SECURITY = Outline(
    "security",
    "Security incident",
    "Somebody reached, changed or took what was not theirs, or could have.",
    (
        Questions(
            "What happened",
            (
                "What was reached, and what is known not to have been? How is it known?",
                "Which way did they come in, and what made that way open?",
                "Which data of which people is concerned? Leave out secrets, keys and names.",
            ),
        ),
        Questions(
            "How it was found and closed",
            (
                "How long was it possible before anybody saw it, and what showed it in the end?",
                "What was shut, changed or revoked, and when was that certain?",
                "Who was told, and when: those concerned, authorities, suppliers?",
            ),
        ),
        SURPRISES,
        LUCK,
        FOLLOWS,
    ),
    {**ONE_INCIDENT, "incidents-0-permissions-0-holder": ""},
)
AGENT = Outline(
    "agent",
    "AI agent incident",
    "A program that acts by itself did something nobody wanted.",
    (
        Questions(
            "What happened",
            (
                "What was it asked to do, by whom, and what did it do? Quote the task as it was given.",
                "How freely did it act: did it suggest, act after approval, under watch, or alone?",
                "Which accounts say what? Put them into Claims, also where they disagree.",
            ),
        ),
        Questions(
            "What it was allowed to do",
            (
                "Which permissions did it hold, whose were they, and what did the task need?",
                "Which check stood between it and the act: none, one on paper, one passed by, one that failed?",
                "Could what it did be undone, and how was that known before?",
            ),
        ),
        Questions(
            "How people understood it",
            (
                "What did those who watched believe it would do, and what did they see of it?",
                "At which moment could somebody have stopped it, and how would they have known?",
            ),
        ),
        SURPRISES,
        LUCK,
        FOLLOWS,
    ),
    {**ONE_INCIDENT, "incidents-0-permissions-0-holder": "", "claims-0-claimant": ""},
)
NEAR_MISS = Outline(
    "near-miss",
    "Near miss",
    "It almost happened. Nobody was hurt, and there is as much to learn.",
    (
        Questions(
            "What nearly happened",
            (
                "How far did it get, and what would have followed?",
                "What stopped it: a check that was meant to, a person who wondered, or chance?",
            ),
        ),
        Questions(
            "What kept it from happening",
            (
                "How did somebody come to notice? What did they see, and what let them act?",
                "Would the same have stopped it last year, at night, with somebody new?",
                "Has it nearly happened before?",
            ),
        ),
        SURPRISES,
        LUCK,
        FOLLOWS,
    ),
    {"incidents-0-kind": IncidentKind.NEAR_MISS.value},
)
OUTLINES = (OUTAGE, SECURITY, AGENT, NEAR_MISS)


def outline_of(key: str) -> Outline | None:
    """The outline of this key; None where there is none."""
    return next((one for one in OUTLINES if one.key == key), None)


def outline_for(document: Document) -> Outline:
    """The questions that fit a write-up that exists: by headings that one outline alone has, else by its incidents."""
    written = {line.removeprefix("## ").strip() for line in document.body.splitlines() if line.startswith("## ")}
    asked = Counter(one.heading for outline in OUTLINES for one in outline.questions)
    kept = [sum(one.heading in written and asked[one.heading] == 1 for one in each.questions) for each in OUTLINES]
    if max(kept):
        return OUTLINES[kept.index(max(kept))]
    if any(one.ai for one in document.incidents):
        return AGENT
    if document.incidents and all(one.kind != IncidentKind.INCIDENT for one in document.incidents):
        return NEAR_MISS
    return SECURITY if {"security", "breach", "leak"} & {tag.lower() for tag in document.tags} else OUTAGE
