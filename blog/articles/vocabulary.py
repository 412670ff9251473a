"""The closed vocabularies of a write-up; meanings follow common incident-response usage (docs/GLOSSARY.md)."""

from enum import StrEnum
from typing import Self


class Choice(StrEnum):
    """An enumeration that reads `Near miss`, `near_miss` and `near-miss` alike."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        wanted = "-".join(value.strip().lower().replace("_", " ").split())
        return next((member for member in cls if member.value.lower() == wanted), None)

    @property
    def label(self) -> str:
        """The value as a reader sees it: `Near miss`, `SEV1`."""
        return self.value if self.value.isupper() else self.value.replace("-", " ").capitalize()


class IncidentKind(Choice):
    INCIDENT = "incident"
    NEAR_MISS = "near-miss"
    HAZARD = "hazard"


class Severity(Choice):
    """SEV1 is the gravest; the scale is the one common in incident response, without a site's own thresholds."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    SEV5 = "SEV5"
    UNKNOWN = "unknown"


class OrganisationRole(Choice):
    OPERATOR = "operator"
    VENDOR = "vendor"
    AFFECTED = "affected"
    REPORTER = "reporter"
    REGULATOR = "regulator"


class ServiceRole(Choice):
    AFFECTED = "affected"
    CAUSE = "cause"
    DEPENDENCY = "dependency"
    TOOL = "tool"


class Reversibility(Choice):
    REVERSIBLE = "reversible"
    PARTLY = "partly"
    IRREVERSIBLE = "irreversible"
    UNKNOWN = "unknown"


class Autonomy(Choice):
    SUGGESTS = "suggests"
    AFTER_APPROVAL = "acts-after-approval"
    UNDER_WATCH = "acts-under-watch"
    ALONE = "acts-alone"
    UNCLEAR = "unclear"


class Gate(Choice):
    """What should have stopped the act: did it exist, and did it hold."""

    NONE = "none"
    ON_PAPER = "on-paper"
    BYPASSED = "built-and-bypassed"
    FAILED = "built-and-failed"
    WORKED = "worked"
    UNKNOWN = "unknown"


class Marker(Choice):
    TRIGGER = "trigger"
    DETECTION = "detection"
    DECLARATION = "declaration"
    DIAGNOSIS = "diagnosis"
    MITIGATION = "mitigation"
    RESOLUTION = "resolution"
    KEY_MOMENT = "key-moment"
    COMMUNICATION = "communication"


class ClaimantRole(Choice):
    VENDOR = "vendor"
    EMPLOYEE = "employee"
    JOURNALIST = "journalist"
    RESEARCHER = "researcher"
    REGULATOR = "regulator"
    AFFECTED_PARTY = "affected-party"
    EDITOR = "editor"


class Stance(Choice):
    ASSERTS = "asserts"
    SUPPORTS = "supports"
    DISPUTES = "disputes"
    QUALIFIES = "qualifies"
    RETRACTS = "retracts"


class ActionKind(Choice):
    PREVENT = "prevent"
    DETECT = "detect"
    MITIGATE = "mitigate"
    PROCESS = "process"
    DOCUMENT = "document"


class RelationKind(Choice):
    SAME_EVENT = "same-event"
    RECURRENCE_OF = "recurrence-of"
    CAUSED_BY = "caused-by"
    SIMILAR = "similar"
