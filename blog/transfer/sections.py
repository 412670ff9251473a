"""From Markdown to fields: which headings and labels mean what, and what of the text stays in the body.

A section leaves the body only when a field holds all of it; anything less and it stays, beside what was taken from it.
"""

from collections.abc import Callable
from datetime import date

from blog.articles.document import MAX_BODY, MAX_NAME, MAX_NOTE, MAX_ROWS, MAX_SUMMARY
from blog.lib.moment import Moment
from blog.lib.text import excerpt
from blog.transfer import outline
from blog.transfer.action_rows import action_rows
from blog.transfer.outline import Section
from blog.transfer.reading import Findings, plain_words, shown
from blog.transfer.timeline_rows import timeline_rows
from blog.transfer.times import leading_time, zone_of

MAX_FACTORS = 50
MAX_FACTOR_NAME = 90  # a factor's name is a term of the site; its full words stand beside it
Reader = Callable[[Section, Findings, "Zone"], bool]  # whether a field holds all of the section now

TIME_NAMES = {
    "started": "fault occurs|fault occurred|fault began|incident start|incident started|start|started|start time|"
    "began|incident began|time of onset",
    "detected": "first detected|fault detected|detected|detected at|incident detected|time detected|first noticed|"
    "first reported",
    "declared": "incident declared|declared|incident raised|incident opened|declared at",
    "mitigated": "repaired|incident repaired|mitigated|mitigated at|service restored|restored|recovered|stabilised|"
    "stabilized",
    "resolved": "resolved|incident resolved|resolved at|incident closed|ended|end|end time|incident ended|closed",
}
TIME_OF = {label: name for name, labels in TIME_NAMES.items() for label in labels.split("|")}


class Zone:
    """The zone that the whole write-up's times stand in, and whether the text says so."""

    def __init__(self, text: str) -> None:
        self.name, self.is_given = zone_of(text)


def take_fields(text: str, findings: Findings, *, title: str = "") -> str:
    """Read the sections of `text` into `findings`; give back the body that is left. `title` is dropped where it
    stands again as the first heading.
    """
    zone = Zone(text)
    kept: list[Section] = []
    sections = outline.sections_of(text, is_label=lambda name: name in READERS or name in TIME_OF or name in KEPT)
    for place, section in enumerate(sections):
        if section.level == 1 and title and _same_words(section.title, title):
            section.own, title = [], ""
        read = _reader_of(section)
        below = sections[place + 1].level if place + 1 < len(sections) else 0
        is_alone = section.level == outline.LABEL_LEVEL or below <= section.level or below == 0
        if read is None or not (section.text or section.inline) or not read(section, findings, zone) or not is_alone:
            kept.append(section)
    if any("times" in found for found in (findings.incident,)) or findings.data.get("timeline"):
        _tell_zone(findings, zone)
    return _body(kept, sections)


def _reader_of(section: Section) -> Reader | None:
    if section.name in READERS:
        return READERS[section.name]
    return _named_time if section.name in TIME_OF and section.level else None


def _same_words(one: str, other: str) -> bool:
    return " ".join(plain_words(one)[0].lower().split()) == " ".join(plain_words(other)[0].lower().split())


def _tell_zone(findings: Findings, zone: Zone) -> None:
    if zone.name:
        findings.guess(f"times without a zone are read as {zone.name}, as the text says")
    elif not zone.is_given and findings.incident.get("zoneless"):
        findings.guess("the text names no time zone; its times are read as UTC")
    findings.incident.pop("zoneless", None)


def _body(kept: list[Section], everything: list[Section]) -> str:
    body = outline.joined(kept)
    if not body.strip():
        body = outline.joined(everything)  # a document needs a body, and a text that is all fields still reads well
    return body[: MAX_BODY + 1]  # one too many is refused by the schema, with its reason


def _summary(section: Section, findings: Findings, zone: Zone) -> bool:
    if findings.data.get("summary"):
        return False
    is_prose = not any(line.lstrip().startswith(("- ", "* ", "|", "```", "#", ">", "1.")) for line in section.content)
    text = section.text if is_prose else section.text.split("\n\n")[0]
    words, links = plain_words(text)
    if not is_prose and words.lstrip().startswith(("- ", "* ", "|", "```", ">", "1.")):
        return False
    if len(words) > MAX_SUMMARY:
        findings.data["summary"] = excerpt(words, 400)
        findings.guess(f"the summary is longer than {MAX_SUMMARY:,} characters; it stands whole in the body")
        return False
    findings.data["summary"] = words
    return is_prose and not links


def _timeline(section: Section, findings: Findings, zone: Zone) -> bool:
    known = findings.data.setdefault("timeline", [])
    rows, is_whole = timeline_rows(section.content, zone.name, findings, day=_day_of(findings))
    known += rows[: MAX_ROWS - len(known)]
    if rows and not zone.is_given:
        findings.incident["zoneless"] = True
    return is_whole and len(known) < MAX_ROWS


def _context(section: Section, findings: Findings, zone: Zone) -> bool:
    """A list that may be a timeline; it stays in the body unless it is nothing else."""
    rows, is_whole = timeline_rows(section.content, zone.name, findings, only_timed=True)
    if not rows:
        return False
    findings.data.setdefault("timeline", []).extend(rows)
    if not zone.is_given:
        findings.incident["zoneless"] = True
    return is_whole


def _day_of(findings: Findings) -> date | None:
    started = findings.incident.get("times", {}).get("started")
    moment = Moment.model_validate(started) if started else None
    return moment.at.date() if moment and moment.at else None


def _impact(section: Section, findings: Findings, zone: Zone) -> bool:
    if findings.incident.get("impact") or len(section.text) > MAX_NOTE:
        return False
    findings.incident["impact"] = section.text
    return True


def _factors(section: Section, findings: Findings, zone: Zone) -> bool:
    items, others = outline.items_of(section.content)
    if not items and section.text:
        return _add_factor(section.text, findings) and False
    fits = all(_add_factor("\n".join([item.text, *item.nested]), findings) for item in items if item.text)
    return fits and not others and not any(item.nested for item in items)


def _root_cause(section: Section, findings: Findings, zone: Zone) -> bool:
    _factors(section, findings, zone)
    return False  # an analysis reads as a text, whatever is taken from it


def _add_factor(text: str, findings: Findings) -> bool:
    factors = findings.incident.setdefault("factors", [])
    words = " ".join(plain_words(text)[0].split())
    if len(factors) >= MAX_FACTORS or len(text) > MAX_NOTE:
        return False
    name = words.rstrip(".") if len(words) <= MAX_NAME else excerpt(words, MAX_FACTOR_NAME)
    if name and not any(known["name"] == name for known in factors):
        factors.append(
            {"name": name} if words.rstrip(".") == name == text.strip().rstrip(".") else {"name": name, "text": text}
        )
    return True


def _actions(section: Section, findings: Findings, zone: Zone) -> bool:
    rows, is_whole = action_rows(section.content, findings)
    known = findings.data.setdefault("actions", [])
    known += rows[: MAX_ROWS - len(known)]
    return is_whole and len(known) < MAX_ROWS


def _key_events(section: Section, findings: Findings, zone: Zone) -> bool:
    """A list of the incident's own times: `First detected 2024-05-01 10:05`."""
    items, others = outline.items_of(section.content)
    read = [_key_event(item, findings, zone) for item in items]
    return bool(read) and all(read) and not others


def _key_event(item: outline.Item, findings: Findings, zone: Zone) -> bool:
    words = plain_words(item.text)[0]
    label = max((name for name in TIME_OF if words.lower().startswith(name)), key=len, default="")
    found = leading_time(words[len(label) :].lstrip(" :-–"), zone=zone.name) if label else None
    if found is None or item.nested:
        if label and any(character.isdigit() for character in words):
            findings.guess(f"left out a time that cannot be read: {shown(words)}")
        return False
    if found.note:
        findings.guess(f"{label}: {found.note}")
    if not (zone.is_given or found.has_zone):
        findings.incident["zoneless"] = True
    return findings.set_time(TIME_OF[label], found.moment) and not found.rest


def _named_time(section: Section, findings: Findings, zone: Zone) -> bool:
    """A heading or label that names a time, with the time behind it: `**Detected**: 2024-05-01 10:05`."""
    found = leading_time(section.content[0] if section.content else "", zone=zone.name)
    if found is None:
        return False
    return findings.set_time(TIME_OF[section.name], found.moment) and not found.rest and section.text.count("\n") == 0


def _names(reader: Reader, *names: str) -> dict[str, Reader]:
    return dict.fromkeys(names, reader)


READERS: dict[str, Reader] = {
    **_names(_summary, "summary", "executive summary", "overview", "abstract", "tl;dr", "tldr", "incident summary"),
    **_names(_timeline, "timeline", "incident timeline", "timeline of events", "chronology", "sequence of events"),
    **_names(_context, "context", "events"),
    **_names(_impact, "impact", "customer impact", "user impact", "business impact"),
    **_names(_factors, "contributing factors", "contributing factor", "contributing causes", "factors", "causes"),
    **_names(_root_cause, "root cause", "root causes", "root cause analysis", "root cause(s)", "trigger"),
    **_names(
        _actions, "action items", "actions", "action item", "follow-up actions", "follow-ups", "follow ups",
        "next steps", "corrective actions", "preventive actions", "review actions", "actions following review",
        "remediation items",
        "future actions", "corrective and preventative measures", "corrective and preventive actions",
    ),
    **_names(_key_events, "key events", "key times", "times", "incident times", "timestamps"),
}  # fmt: skip
# Labels that begin a section of their own, though no field takes it: without them the label above would swallow them.
KEPT = {
    "time to repair", "time to resolve", "time to detect", "time to recovery", "identified", "resolution", "background",
    "status", "lessons", "lessons learned", "detection", "recovery", "stats", "severity", "duration",
    "context/resolution/review actions", "what went well", "what went wrong", "where we got lucky",
}  # fmt: skip
