"""YAML incident files: one incident a file, told in named fields instead of headings."""

from typing import Any

from blog.articles.document import MAX_NAME, MAX_NOTE, MAX_SUMMARY, Document
from blog.articles.vocabulary import IncidentKind, Reversibility
from blog.errors import Invalid
from blog.lib.slugs import SLUG
from blog.lib.text import clean_line, excerpt
from blog.transfer.prose_of_data import prose_of, sentence_case
from blog.transfer.reading import Findings, Reading, moment_or_none, plain_words, shown
from blog.transfer.sections import MAX_FACTOR_NAME
from blog.transfer.severities import severity_of
from blog.transfer.times import leading_time

AUTONOMY = {
    "fully-autonomous": "acts-alone", "autonomous": "acts-alone", "supervised-autonomous": "acts-under-watch",
    "supervised": "acts-under-watch", "human-in-the-loop": "acts-after-approval", "assistive": "suggests",
    "assistant": "suggests", "copilot": "suggests", "advisory": "suggests", "suggestion": "suggests",
}  # fmt: skip
TOLD = ("description", "trigger", "root_cause", "detection", "recovery", "resolution", "lessons", "lessons_learned")
TIMES = {
    "started": ("started", "started_at", "start_time"),
    "detected": ("detected", "detected_at"),
    "declared": ("declared", "declared_at"),
    "mitigated": ("mitigated", "mitigated_at"),
    "resolved": ("resolved", "resolved_at", "end_time"),
    "disclosed": ("disclosed", "disclosed_at", "date"),
}
MAX_FACTORS = 50


def read(data: Any, name: str) -> Reading:
    """The write-up of a YAML file's data (times as text). Raises `Invalid` where it tells no incident."""
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise Invalid("the file is no mapping of names to values, so it tells no incident")
    if not isinstance(data.get("title"), str) or not data["title"].strip():
        raise Invalid("title: this is required")
    if "body" in data and set(data) <= set(Document.model_fields):
        return Reading(data)
    findings = Findings()
    rest = dict(data)
    for take in (_summary, _incident, _ai, _reach, _times, _timeline, _factors, _actions, _sources):
        take(rest, findings)
    findings.add_tags([str(tag) for tag in _list(rest.pop("tags", None))])
    title = clean_line(plain_words(str(rest.pop("title")))[0])
    identity = rest.get("incident_id") or rest.get("id")
    slug = identity if isinstance(identity, str) and SLUG.fullmatch(identity) and len(identity) <= 120 else ""
    rest = {key: value for key, value in rest.items() if not (slug and value == slug)}
    body = prose_of(data, told=TOLD, aside=rest)
    return Reading(
        {"title": title, "body": body, **findings.document_data()}, slug=slug, guesses=tuple(findings.guesses)
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _summary(rest: dict[str, Any], findings: Findings) -> None:
    words, _ = plain_words(_text(rest.get("summary")))
    if len(words) <= MAX_SUMMARY:
        rest.pop("summary", None)
        findings.data["summary"] = words
    else:
        findings.data["summary"] = excerpt(words, 400)
        findings.guess(f"the summary is longer than {MAX_SUMMARY:,} characters; it stands whole in the body")


def _incident(rest: dict[str, Any], findings: Findings) -> None:
    kind = rest.pop("incident_type", rest.pop("kind", None))
    if kind is not None:
        try:
            findings.incident["kind"] = IncidentKind(kind).value
        except ValueError:
            findings.guess(f"the kind {shown(kind)} is not known; it is kept as an incident")
    if rest.get("severity") is not None:
        severity_of(str(rest.pop("severity")), findings)
    findings.incident["severity_basis"] = _text(rest.pop("severity_rationale", ""))[:MAX_NOTE]
    for key in ("organisations", "organizations", "company"):
        names = [clean_line(str(name)) for name in _list(rest.pop(key, None)) if isinstance(name, str)]
        findings.incident.setdefault("organisations", []).extend({"name": name} for name in names)


def _ai(rest: dict[str, Any], findings: Findings) -> None:
    system = rest.get("system")
    if not isinstance(system, dict):
        return
    system = rest["system"] = dict(system)
    name = clean_line(_text(system.pop("framework", system.pop("name", ""))))
    vendor = clean_line(_text(system.pop("vendor", "")))
    tools = [clean_line(str(tool)) for tool in _list(system.pop("tools", None))]
    models = [clean_line(str(model)) for model in _list(system.pop("models", None))]
    if name:
        full = f"{name} ({', '.join(models)})" if models else name
        findings.incident["ai"] = {"system": full if len(full) <= MAX_NAME else name[:MAX_NAME]}
        level = _text(system.pop("autonomy_level", ""))
        findings.incident["ai"]["autonomy"] = AUTONOMY.get(level, "unclear")
        if level:
            findings.guess(f"autonomy {shown(level)} is read as {findings.incident['ai']['autonomy']}")
    if vendor and name:
        findings.incident["ai"]["vendor"] = vendor
    if vendor:
        findings.incident.setdefault("organisations", []).append({"name": vendor, "role": "vendor"})
    findings.incident["services"] = [{"name": tool, "role": "tool"} for tool in dict.fromkeys(tools) if tool]


def _reach(rest: dict[str, Any], findings: Findings) -> None:
    """The blast radius: what it touched, in words, and whether it can be undone."""
    reach = rest.pop("blast_radius", None)
    if not isinstance(reach, dict):
        findings.incident["impact"] = _text(rest.pop("impact", ""))[:MAX_NOTE]
        return
    reach = dict(reach)
    reversibility = reach.pop("reversibility", None)
    if reversibility is not None:
        try:
            findings.incident["reversibility"] = Reversibility(reversibility).value
        except ValueError:
            reach["reversibility"] = reversibility
    lines = []
    for key, value in reach.items():
        if isinstance(value, dict):
            details = [
                f"{sentence_case(name).lower()}: {_flat(one)}" for name, one in value.items() if name != "description"
            ]
            told = _flat(value.get("description", ""))
            beside = f" ({'; '.join(details)})" if details else ""
            lines.append(f"- **{sentence_case(key)}:** {told}{beside}".replace("  (", " ("))
        else:
            lines.append(f"- **{sentence_case(key)}:** {_flat(value)}")
    findings.incident["impact"] = "\n".join(lines)[:MAX_NOTE]


def _flat(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else " ".join(str(value).split())


def _times(rest: dict[str, Any], findings: Findings) -> None:
    for time_name, keys in TIMES.items():
        for key in keys:
            if rest.get(key) in (None, "") or isinstance(rest[key], (dict, list)):
                continue
            moment = moment_or_none(rest[key])
            if moment is None:
                findings.guess(f"left out {key}, which is no time an incident can have: {shown(rest[key])}")
                continue
            findings.set_time(time_name, moment)
            del rest[key]
            if key == "date":
                findings.guess("the file has one date; it is kept as the day the incident became public")


def _timeline(rest: dict[str, Any], findings: Findings) -> None:
    rows = []
    given = _list(rest.pop("timeline", None))
    for one in given:
        if isinstance(one, dict):
            when = next((one[key] for key in ("at", "time", "timestamp", "date", "when") if one.get(key)), None)
            words = next(
                (one[key] for key in ("event", "text", "description", "what") if isinstance(one.get(key), str)), ""
            )
            moment = moment_or_none(when) if when is not None else None
        else:
            found = leading_time(str(one))
            when, moment, words = None, found.moment if found else None, found.rest if found else str(one)
        text = words.strip() if moment or when is None or not words.strip() else f"{when}: {words.strip()}"
        if 0 < len(text) <= MAX_NOTE:
            rows.append({"text": text, **({"at": moment} if moment else {})})
    if len(rows) < len(given):
        findings.guess(f"left out {len(given) - len(rows)} timeline row(s) without words")
    findings.data["timeline"] = rows


def _factors(rest: dict[str, Any], findings: Findings) -> None:
    """Failure classes in the order given, then the contributing factors in the file's own words."""
    factors: list[dict[str, Any]] = []
    primary = _text(rest.pop("primary_failure_class", ""))
    classes = [one for one in _list(rest.pop("failure_classes", None)) if isinstance(one, dict)]
    for name, text in [*((_text(one.get("class")), _text(one.get("subclass"))) for one in classes), (primary, "")]:
        if name and not any(known["name"] == sentence_case(name) for known in factors):
            factors.append({"name": sentence_case(name), "text": sentence_case(text)})
    for one in _list(rest.pop("contributing_factors", None)):
        words = " ".join(str(one).split())
        name = words.rstrip(".") if len(words) <= MAX_NAME else excerpt(words, MAX_FACTOR_NAME)
        if words and len(words) <= MAX_NOTE and not any(known["name"] == name for known in factors):
            factors.append({"name": name, "text": words if len(words) > MAX_NAME else ""})
    findings.incident["factors"] = factors[:MAX_FACTORS]


def _actions(rest: dict[str, Any], findings: Findings) -> None:
    """Remedies: a list as it stands; a text of several, parted at its semicolons."""
    rows = []
    for key, kind in (("prevention", "prevent"), ("action_items", None), ("actions", None), ("remediation", None)):
        value = rest.pop(key, None)
        parts = value if isinstance(value, list) else [part.strip() for part in _text(value).rstrip(".").split(";")]
        if isinstance(value, str) and len(parts) > 1:
            findings.guess(f"{key} is one text; it is parted into {len(parts)} actions at its semicolons")
        for part in parts:
            words = (
                _text(part.get("text") or part.get("action") or part.get("description"))
                if isinstance(part, dict)
                else str(part)
            )
            text = " ".join(words.split())
            if text and len(text) <= MAX_NOTE:
                rows.append({"text": text[:1].upper() + text[1:], **({"kind": kind} if kind else {})})
    findings.data["actions"] = rows


def _sources(rest: dict[str, Any], findings: Findings) -> None:
    rows = []
    for one in _list(rest.pop("sources", rest.pop("references", None))):
        given = one if isinstance(one, dict) else {"url": str(one)}
        url = _text(given.get("url"))
        row: dict[str, Any] = {
            "url": url if url.lower().startswith(("http://", "https://")) else "",
            "title": clean_line(_text(given.get("title")) or ("" if url.startswith("http") else url))[:500],
            "publisher": clean_line(_text(given.get("publisher")))[:MAX_NAME],
        }
        kind = _text(given.get("type"))
        if kind:
            row["primary"] = {"primary-research": True, "primary": True, "news": False}.get(kind)
        fetched = moment_or_none(given.get("date_accessed") or given.get("accessed_on"))
        if fetched and fetched.get("at"):
            row["accessed_on"] = fetched["at"][:10]
        if row["url"] or row["title"]:
            rows.append(row)
    findings.data["sources"] = rows
