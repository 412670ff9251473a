"""Markdown with front matter: our own plain-text mode, and the fields that others commonly put there."""

from typing import Any

from blog.articles.document import MAX_NAME, MAX_SUMMARY, MAX_TITLE, Document
from blog.errors import Invalid
from blog.lib.slugs import SLUG, slug_of
from blog.lib.text import clean_line, excerpt
from blog.transfer.markdown_plain import tag_of_stats, title_of
from blog.transfer.reading import Findings, Reading, instant_or_none, moment_or_none, plain_words, shown
from blog.transfer.sections import take_fields
from blog.transfer.severities import severity_of

OWN_FIELDS = set(Document.model_fields) - {"body"}
ASIDE = {"slug", "published_at", "authors", "author", "date", "draft"}  # of the write-up, not of its document
DATES = ("date", "published", "published_on", "source_published_at", "publish_date", "pubdate")
STRUCTURED = {"incidents", "timeline", "claims", "actions", "relations", "language"}  # only our own files have these
TIMES = {
    "started": ("start_time", "started_at", "start", "started", "incident_start"),
    "detected": ("detected_at", "detection_time", "detected"),
    "declared": ("declared_at", "declared"),
    "mitigated": ("mitigated_at", "mitigated"),
    "resolved": ("end_time", "resolved_at", "ended_at", "end", "resolved", "incident_end"),
}
TAGS = ("tags", "categories", "category", "keywords", "labels")
ORGANISATIONS = ("company", "companies", "organisation", "organisations", "organization", "organizations")
SERVICES = ("product", "products", "service", "services")
SOURCE = ("url", "archive_url", "source_fetched_at", "source_url", "link", "canonical_url")
OF_PAGES = {"weight", "layout", "permalink", "menu", "type", "aliases", "toc", "cover", "image", "redirect_from"}


def read(data: dict[str, Any], body: str, name: str) -> Reading:
    """The write-up of front matter `data` (times as text) and Markdown `body`; `name` is its file's."""
    if data.get("published_at") or STRUCTURED & set(data) or _lists_mappings(data.get("sources")):
        return _own(data, body)
    return _foreign(data, body, name)


def _lists_mappings(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(row, dict) for row in value)


def _own(data: dict[str, Any], body: str) -> Reading:
    guesses: list[str] = []
    published_at = instant_or_none(data.get("published_at") or data.get("date"))
    if published_at is None and (data.get("published_at") or data.get("date")):
        guesses.append(f"left out a publishing date that cannot be read: {shown(data.get('published_at'))}")
    fields = {key: value for key, value in data.items() if key not in ASIDE}
    return Reading(
        {**fields, "body": body.strip("\n")},
        slug=_slug(data.get("slug")),
        published_at=published_at,
        authors=_names(data),
        is_draft=data.get("draft") is True,
        guesses=tuple(guesses),
    )


def _foreign(data: dict[str, Any], body: str, name: str) -> Reading:
    findings = Findings()
    used = {"title", "uuid", "id", *ASIDE, *DATES, *OF_PAGES}
    for take in (_incident, _times, _tags, _sources, _summary):
        used |= take(data, findings)
    owner = next((row["name"] for row in findings.incident.get("organisations", [])), "")
    title = _title(data) or title_of(body, name, findings, owner=owner)
    text = take_fields(body, findings, title=title) if body.strip() else ""
    tag_of_stats(body, findings)
    long_summary = findings.data.pop("long_summary", "")
    text = f"## Summary\n\n{long_summary}\n\n{text}" if long_summary else text
    if not text.strip():
        text = findings.data.get("summary", "")  # a note of one line is welcome too
        findings.guess("the file has no text of its own; its summary is the body")
    left_out = sorted(key for key in set(data) - used if data[key] not in (None, "", []))
    if left_out:
        findings.guess(f"left out front matter that no field takes: {shown(', '.join(left_out))}")
    date = next((data[key] for key in DATES if data.get(key)), None)
    published_at = instant_or_none(date)
    if published_at is None and date:
        findings.guess(f"left out a date that cannot be read: {shown(date)}")
    return Reading(
        {"title": title, "body": text, **findings.document_data()},
        slug=_slug(data.get("slug")),
        published_at=published_at,
        authors=_names(data),
        is_draft=data.get("draft") is True,
        guesses=tuple(findings.guesses),
    )


def _title(data: dict[str, Any]) -> str:
    title = clean_line(plain_words(str(data.get("title") or ""))[0])
    if len(title) > MAX_TITLE:
        raise Invalid(f"title: at most {MAX_TITLE} characters; this one has {len(title)}")
    return title


def _slug(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return ""
    return value if SLUG.fullmatch(value) and len(value) <= 120 else slug_of(value)


def _names(data: dict[str, Any]) -> tuple[str, ...]:
    names = _lines(data.get("authors")) or _lines(data.get("author"))
    return tuple(name for name in names if len(name) <= MAX_NAME)[:20]


def _lines(value: Any) -> list[str]:
    """What is text or a list of texts, as a list of clean lines."""
    values = value if isinstance(value, list) else [value]
    return [line for one in values if isinstance(one, (str, int, float)) and (line := clean_line(str(one)))]


def _incident(data: dict[str, Any], findings: Findings) -> set[str]:
    organisations = [name for key in ORGANISATIONS for name in _lines(data.get(key))]
    services = [part for key in SERVICES for name in _lines(data.get(key)) for part in _parts(name)]
    if organisations:
        findings.incident["organisations"] = [{"name": name} for name in dict.fromkeys(organisations)]
    if services:
        findings.incident["services"] = [{"name": name} for name in dict.fromkeys(services)]
    if data.get("severity") is not None:
        severity_of(str(data["severity"]), findings)
    return {*ORGANISATIONS, *SERVICES, "severity"}


def _parts(name: str) -> list[str]:
    """`search, billing` names two services; a bracket keeps its commas."""
    return [part.strip() for part in name.split(", ") if part.strip()] if "(" not in name else [name]


def _times(data: dict[str, Any], findings: Findings) -> set[str]:
    used = set()
    for time_name, keys in TIMES.items():
        for key in keys:
            value = data.get(key)
            if value in (None, ""):
                continue
            used.add(key)
            moment = moment_or_none(value)
            if moment is None:
                findings.guess(f"left out {key}, which is no time an incident can have: {shown(value)}")
            else:
                findings.set_time(time_name, moment)
    return used


def _tags(data: dict[str, Any], findings: Findings) -> set[str]:
    wanted = []
    for key in TAGS:
        value = data.get(key)
        wanted += value.split(",") if isinstance(value, str) else _lines(value)
    if wanted:
        findings.add_tags(wanted)
    return set(TAGS)


def _sources(data: dict[str, Any], findings: Findings) -> set[str]:
    row: dict[str, Any] = {}
    for key in ("url", "source_url", "link", "canonical_url"):
        address = data.get(key)
        if _is_address(address) and "url" not in row:
            row["url"] = address
        elif address:
            findings.guess(f"left out {key}, which is no web address: {shown(address)}")
    if _is_address(data.get("archive_url")):
        row["archive_url"] = data["archive_url"]
    fetched = instant_or_none(data.get("source_fetched_at"))
    if row.get("url") and fetched:
        row["accessed_on"] = fetched.date()
    if row.get("url"):
        findings.data.setdefault("sources", []).append(row)
    titles = data.get("sources") or data.get("references")
    for line in _lines(titles) if isinstance(titles, list) else []:
        findings.data.setdefault("sources", []).append({"url": line} if _is_address(line) else {"title": line[:500]})
    return {*SOURCE, "sources", "references"}


def _is_address(value: Any) -> bool:
    return (
        isinstance(value, str)
        and value.lower().startswith(("http://", "https://"))
        and len(value) <= 2_000
        and not any(character.isspace() for character in value)
    )


def _summary(data: dict[str, Any], findings: Findings) -> set[str]:
    text = next((data[key] for key in ("summary", "description", "excerpt") if isinstance(data.get(key), str)), "")
    words, links = plain_words(text.strip())
    if len(words) > MAX_SUMMARY:
        findings.guess(f"the summary is longer than {MAX_SUMMARY:,} characters; it stands whole in the body")
        findings.data["long_summary"], words = text, excerpt(words, 400)
    findings.data["summary"] = words
    if links:
        findings.guess(f"{len(links)} link(s) in the summary are kept as sources")
        known = findings.data.setdefault("sources", [])
        known += [{"url": address, "title": title[:500]} for title, address in links if _is_address(address)]
    return {"summary", "description", "excerpt"}
