"""Severity words and numbers of others, on the scale SEV1 (gravest) to SEV5."""

import re

from blog.transfer.reading import Findings, shown

WORDS = {
    "critical": "SEV1", "blocker": "SEV1", "high": "SEV2", "major": "SEV2", "moderate": "SEV3", "medium": "SEV3",
    "low": "SEV4", "minor": "SEV4", "informational": "SEV5", "info": "SEV5", "none": "SEV5", "unknown": "unknown",
}  # fmt: skip
_NUMBER = re.compile(r"(?:sev(?:erity)?|s|p(?:riority)?)[\s_-]*([0-5])", re.IGNORECASE)


def severity_of(text: str, findings: Findings) -> None:
    """Set the incident's severity from a foreign word, and say so."""
    number = _NUMBER.fullmatch(text.strip())
    severity = f"SEV{max(int(number[1]), 1)}" if number else WORDS.get(text.strip().lower())
    if severity is None:
        findings.guess(f"left out a severity that is on no known scale: {shown(text)}")
        return
    findings.incident["severity"] = severity
    if severity.lower() != text.strip().lower():
        findings.guess(f"severity {shown(text)} is read as {severity}")
