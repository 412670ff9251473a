"""The checks before a review, one table each: what is found, and what is left alone."""

import time
from typing import Any

import pytest

from blog.checks.document_checks import findings_of
from blog.checks.duration_checks import typed_duration
from blog.checks.findings import Check
from blog.checks.secret_checks import MAX_SECRETS
from blog.seeds.changes import WAIVED, write_ups
from tests.factories.articles import make_document

START, LATER = "2025-12-14 09:00 UTC", "2025-12-14 22:00 UTC"  # 13 hours
LONG = {"times": {"started": START, "detected": "2025-12-14 09:45 UTC", "resolved": LATER}}


def found(check: Check, **document: Any) -> list[str]:
    """The paths of what this check finds."""
    return [one.path for one in findings_of(make_document(**document)) if one.check is check]


def test_a_plain_note_has_no_findings() -> None:
    assert findings_of(make_document()) == []


@pytest.mark.parametrize(
    ("times", "wrong"),
    [
        ({"started": START, "resolved": "2025-12-13"}, ["resolved"]),
        ({"started": START, "detected": "2025-12-14 08:59 UTC"}, []),  # the same minute, as far as anybody knows
        ({"started": START, "detected": "2025-12-14 08:58 UTC"}, ["detected"]),
        ({"started": "2025-12", "resolved": "2025-12-01"}, []),
        ({"started": "2025", "resolved": "2024-06"}, ["resolved"]),
        ({"started": "unknown", "resolved": "2025-12-01"}, []),
        ({"mitigated": START, "declared": LATER, "disclosed": "2025-12-14"}, []),  # declared late, told early
        ({"detected": LATER, "mitigated": START, "resolved": START}, ["mitigated", "resolved"]),
        ({"started": "2025-12-14 09:00+09:00", "detected": "2025-12-14 01:00 UTC"}, []),
    ],
)
def test_times_of_an_incident_out_of_order(times: dict[str, str], wrong: list[str]) -> None:
    assert found(Check.TIMES, incidents=[{"times": times}]) == [f"incidents.0.times.{name}" for name in wrong]


def test_an_entry_of_the_timeline_that_lies_before_the_one_above_it() -> None:
    rows = [{"at": at, "text": "Something"} for at in (START, "unknown", LATER, "2025-12-14 10:00 UTC", "2025-12-14")]
    assert found(Check.TIMES, timeline=rows) == ["timeline.3.at"]


@pytest.mark.parametrize(
    ("marker", "at", "is_wrong"),
    [
        ("detection", "2025-12-14 08:00 UTC", True),  # before it began
        ("mitigation", "2025-12-14 08:00 UTC", True),
        ("trigger", "2025-12-14 08:00 UTC", False),  # what set it off may come first
        ("detection", "2025-12-14 09:45 UTC", False),
        ("detection", "2025-12-14 11:00 UTC", True),  # the incident says 09:45
        ("detection", "2025-12-14", False),
        ("resolution", "2025-12-14 22:00 UTC", False),
        ("resolution", "2025-12-14 21:00 UTC", True),
        ("mitigation", "2025-12-14 11:00 UTC", False),
        (None, "2025-12-14 08:00 UTC", False),
    ],
)
def test_a_timeline_that_contradicts_the_times_of_its_incident(marker: str | None, at: str, is_wrong: bool) -> None:
    rows = [{"at": at, "text": "Something", "marker": marker}]
    assert found(Check.TIMES, timeline=rows, incidents=[LONG]) == ["timeline.0.at"] * is_wrong
    assert found(Check.TIMES, timeline=rows, incidents=[LONG, {}]) == []  # whose detection would it be


def test_two_detections_are_no_contradiction() -> None:
    rows = [{"at": at, "text": "x", "marker": "detection"} for at in ("2025-12-14 09:45 UTC", "2025-12-14 11:00 UTC")]
    assert found(Check.TIMES, timeline=rows, incidents=[LONG]) == []


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("13 hours", 13), ("thirteen hours", 13), ("45 min", 0.75), ("two days", 48), ("an hour and a half", 1.5),
        ("half an hour", 0.5), ("1h30m", 1.5), ("1h 30m", 1.5), ("1.5 hours", 1.5), ("3-hour", 3), ("90 minutes", 1.5),
        ("two hours and 32 minutes", 2 + 32 / 60), ("13 hours, 20 minutes", 13 + 1 / 3), ("3 weeks", 504), ("2 hrs", 2),
    ],
)  # fmt: skip
def test_durations_as_people_write_them(words: str, hours: float) -> None:
    typed = typed_duration(words)
    assert typed is not None
    assert typed.length.total_seconds() == pytest.approx(hours * 3_600)


def test_what_is_no_duration_is_none() -> None:
    assert typed_duration("a while") is None


@pytest.mark.parametrize(
    "sentence",
    [
        "The outage lasted 2 hours.", "The incident lasted for 45 min.", "A two-day outage followed.",
        "It was 90 minutes of downtime.", "The site was down for two days.", "Downtime: 1h 30m",
        "| Duration | 3 hours |",
        "- **Time to resolve**: 5h 09m", "It was detected within 2 minutes.", "Time to detect: three hours",
        "It took 6 hours to recover.", "It went unnoticed for half a day.", "The outage lasted about 6 hours.",
        "The outage\nlasted 2 hours.", "The outage lasted 12 hours.", "The outage lasted 14 hours.",
    ],
)  # fmt: skip
def test_a_typed_duration_that_the_times_do_not_give(sentence: str) -> None:
    assert found(Check.DURATION, body=sentence, incidents=[LONG]) == ["body"]


@pytest.mark.parametrize(
    "sentence",
    [
        "The outage lasted 13 hours.", "A 13-hour outage.", "The site was down for about 12 hours.",
        "It was detected after 45 minutes.", "Time to detect: 45 min", "It was detected within about 50 minutes.",
        "Backups are kept for two days.", "The lease runs out after 5 minutes.", "A second outage followed.",
        "Two hours later the outage ended.", "A typical outage lasts 2 hours.", "An earlier outage lasted 2 hours.",
        "It caused an additional 25 minutes of downtime.", "The outage lasted 2 hours of the 13 hours in Europe.",
        "Checkout had a complete site outage that lasted 12 minutes.", "`outage lasted 2 hours`",
        "> The outage lasted 2 hours.",
        "```\nThe outage lasted 2 hours.\n```", "The budget allows 43 minutes of downtime.", "A 1-2 minute outage.",
    ],
)  # fmt: skip
def test_a_duration_that_fits_or_speaks_of_something_else(sentence: str) -> None:
    assert found(Check.DURATION, body=sentence, incidents=[LONG]) == []


def test_a_duration_is_compared_only_where_the_times_say_enough() -> None:
    assert found(Check.DURATION, body="The outage lasted 2 hours.") == []
    vague = {"times": {"started": "2025-12", "resolved": "2025-12"}}
    assert found(Check.DURATION, body="The outage lasted 2 hours.", incidents=[vague]) == []
    short = {"times": {"started": START, "resolved": "2025-12-14 11:00 UTC"}}
    assert found(Check.DURATION, body="The outage lasted 2 hours.", incidents=[LONG, short]) == []


def test_a_claim_needs_a_source_and_an_action_an_owner() -> None:
    claim = {"text": "It was an agent.", "claimant": "A paper", "role": "journalist"}
    claims, sources = [{**claim, "source": "s1"}, claim], [{"id": "s1", "title": "The paper"}]
    assert found(Check.SOURCE, claims=claims, sources=sources) == ["claims.1.source"]
    actions = [{"text": "Add a gate", "owner_role": "platform team"}, {"text": "Rotate the log"}]
    assert found(Check.OWNER, actions=actions) == ["actions.1.owner_role"]


BLAMED = [
    "The cause was human error.", "An operator error took it down.", "It was a careless deploy.", "They were to blame.",
    "The engineer forgot to rotate it.", "It was her own fault.", "A stupid default.", "Root cause: Human error",
    "The contractor failed to tell anybody.", "Due to user error, the table was dropped.",
]  # fmt: skip
JUDGED = [
    "The alert should have fired.", "Somebody should've noticed.", "We should not have deployed on a Friday.",
    "It could easily have been avoided.", "It could have been prevented.", "In hindsight, the limit was low.",
    "It was obvious that the disk was full.", "They ought to have asked.", "If only we had looked.",
    "The lock should clearly have held.", "It should\nhave been tested.",
]  # fmt: skip
LEFT_ALONE = [
    "Every service should have an owner.", "You should have access to the log.", "The service failed to start.",
    "It was not human error.", "We do not call it human error.", "The company spoke of “human error”.",
    'He wrote: "You should have asked."', "> This should have been caught.", "`should have been`",
    "The line was not careless.", "Nobody is to blame.", "User errors became visible at nine.",
    "A negligent misrepresentation, says the court.", "The page fault was handled.", "The default should be off.",
    "We ask what made it possible, rather than human error.", "The job should have at least two replicas.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", BLAMED)
def test_words_of_blame(sentence: str) -> None:
    assert found(Check.BLAME, body=f"It began at nine. {sentence}") == ["body"]


@pytest.mark.parametrize("sentence", JUDGED)
def test_words_of_hindsight(sentence: str) -> None:
    assert found(Check.HINDSIGHT, body=f"It began at nine. {sentence}") == ["body"]


@pytest.mark.parametrize("sentence", LEFT_ALONE)
def test_words_that_judge_nobody(sentence: str) -> None:
    assert findings_of(make_document(body=sentence)) == []


def test_the_words_of_others_are_theirs() -> None:
    claim = {"text": "It was human error.", "quote": "They should have known.", "claimant": "Amazon", "role": "vendor"}
    document = {"claims": [{**claim, "source": "s1"}], "sources": [{"id": "s1", "title": "Human error, says Amazon"}]}
    assert findings_of(make_document(**document)) == []
    assert found(Check.BLAME, incidents=[{"factors": [{"name": "Human error"}]}]) == ["incidents.0.factors.0.name"]


def test_words_of_another_language_are_not_judged_by_english_lists() -> None:
    assert findings_of(make_document(body="The alert should have fired.", language="de")) == []


SECRETS = [
    "AKIAIOSFODNN7EXAMPLE", "ASIAY34FZKBOKMUTVV7A", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2_" * 12, "glpat-" + "a1B2c" * 4, "xoxb-123456789012-abcdefGHIJ", "sk_live_" + "a1B2" * 6,
    "AIza" + "a1B2c" * 7, "sk-proj-" + "a1B2" * 10, "sk-ant-api03-" + "a1B2" * 10, "npm_" + "a1B2" * 9,
    "hf_" + "a1B2" * 9,
    "postgres://app:s3cr3t-word@db.example.org/x", "https://deploy:hunter2@example.org/",
    "redis://:p4ssw0rd@cache.example.org",
    "password = hunter2hunter2", "DB_PASSWORD: 'tr0ub4dor&3'", '"api_key": "a8f5f167f44f4964e6c998dee827110c"',
    "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzz12345678",
    "Authorization: Bearer a8f5f167f44f4964e6c998dee827110c",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "https://hooks.slack.com/services/T00000000/B00000000/a1B2c3D4e5F6g7H8i9J0k1L2",
    "https://example.org/x?X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
]  # fmt: skip
NO_SECRETS = [
    "The password was rotated.", "password: <redacted>", "password=********", "token: $TOKEN",
    "api_key = os.environ['KEY']",
    "https://user:password@example.org/", "https://$USER:$PASS@example.org/", "secret: {{ vault }}",
    "The token expired",
    "tokens: 12000", "password policy: 12 characters", "a8f5f167f44f4964e6c998dee827110c",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "Bearer token authentication", "secret_name: production/database", "token = get_token()", "sk-learn",
    "access key: rotated 2025-12-14",
    "https://example.org/a:b@c", "mailto:sre@example.org", "The key is `AKIA`.", "password: correct horse",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("shape", ["{}", "It was `{}`, as the log shows.", "```\n{}\n```", "> {}"])
def test_what_looks_like_a_secret_is_found_wherever_it_stands(secret: str, shape: str) -> None:
    assert found(Check.SECRET, body=shape.format(secret)) == ["body"]


def test_a_secret_is_found_in_every_field() -> None:
    key = "AKIAIOSFODNN7EXAMPLE"
    document = {
        "title": key,
        "sources": [{"url": f"https://example.org/?k={key}"}],
        "incidents": [{"permissions": [{"holder": "bot", "granted": key}], "regions": [key]}],
        "claims": [{"text": "x", "quote": key, "claimant": "y", "role": "vendor", "source": "s1"}],
    }
    paths = {"title", "sources.0.url", "incidents.0.permissions.0.granted", "incidents.0.regions.0", "claims.0.quote"}
    assert set(found(Check.SECRET, **document)) == paths


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_only_speaks_of_secrets_is_left_alone(text: str) -> None:
    assert found(Check.SECRET, body=text) == []


def test_what_is_said_of_a_secret_does_not_give_it_away() -> None:
    for secret in SECRETS:
        for finding in findings_of(make_document(body=secret)):
            if finding.check is Check.SECRET:
                assert secret[5:] not in finding.message + finding.excerpt


@pytest.mark.parametrize(
    "address",
    [
        "10.20.4.17", "192.168.7.12", "172.20.0.5", "100.64.3.2", "10.1.0.0/16", "fd12:3456:789a::1",
        "fe80::1ff:fe23:4567:890a",
        "db-booking-02.eu-west.internal", "wiki.office.corp", "nas.lan", "https://jenkins.build.internal:8080/job",
        "ip-10-0-1-2.ec2.internal", "printer.home.arpa",
    ],
)  # fmt: skip
def test_what_looks_like_a_private_address(address: str) -> None:
    assert found(Check.PRIVATE_ADDRESS, body=f"It ran on {address} until nine.") == ["body"]


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "localhost:8000", "8.8.8.8", "10.0.0.0/8", "192.168.0.0/16", "169.254.169.254", "version 10.2.3.4",
        "upgraded to 10.1.2.3", "v10.0.0.1", "com.example.internal", "settings.local", ".env.local",
        "metadata.google.internal",
        "host.docker.internal", "1.10.20.4.17", "203.0.113.9", "an internal service", "app.internal.Router()",
        "2001:db8::1",
        "example.org", "10:20:04", "kubernetes.default.svc.cluster.local",
    ],
)  # fmt: skip
def test_what_everybody_may_know(text: str) -> None:
    assert found(Check.PRIVATE_ADDRESS, body=f"It says {text} there.") == []


def test_a_fingerprint_stays_while_rows_move_and_changes_with_the_text() -> None:
    claim = {"id": "c7", "text": "It was an agent.", "claimant": "A paper", "role": "journalist"}
    one = findings_of(make_document(claims=[claim]))
    other = {**claim, "id": "c1", "text": "First."}
    moved = findings_of(make_document(claims=[other, claim]))
    assert moved[1].path == "claims.1.source"
    assert one[0].fingerprint == moved[1].fingerprint
    changed = findings_of(make_document(claims=[{**claim, "text": "It was a person."}]))
    assert changed[0].fingerprint != one[0].fingerprint


def test_a_sentence_keeps_its_fingerprint_while_others_change() -> None:
    judged = "The alert should have fired."
    one, other = (findings_of(make_document(body=text)) for text in (f"{judged} Then.", f"New.\n\n{judged} Later."))
    assert [finding.fingerprint for finding in one] == [finding.fingerprint for finding in other]


def test_the_demo_world_has_only_findings_that_it_explains() -> None:
    for write_up in write_ups():
        left = [finding for finding in findings_of(write_up.document) if finding.check not in WAIVED]
        assert left == [], write_up.slug


@pytest.mark.parametrize(
    "text",
    [
        "outage lasted " * 4_000, "a" * 59_000, "1h " * 19_000, "should have " * 4_000, "password=" * 6_000,
        "10." * 19_000, "a." * 29_000, '"' * 59_000, "http://a:" * 6_000, "(" * 59_000, "-" * 59_000,
        "eyJ" * 19_000,
        "time to detect " * 3_000, "a-" * 29_000, "five " * 11_000, "x_" * 29_000, "`" * 59_000, "<a " * 19_000,
        "not " * 14_000 + "human error", "1:" * 29_000, "fd00:" * 11_000, "took 1 hour to " * 3_000,
        "eyJ" + "a" * 29_000 + ".eyJ", "-----BEGIN " + "A " * 27_000, "“" * 59_000, "[](" * 19_000, "\n> " * 19_000,
    ],
    ids=lambda text: text[:14],
)  # fmt: skip
def test_no_text_holds_the_checks_up(text: str) -> None:
    document = make_document(body=text, incidents=[LONG])
    began = time.process_time()
    findings_of(document)
    assert time.process_time() - began < 5  # the worst cost 0.3 s; the square of their length would take minutes


def test_a_text_of_nothing_but_secrets_is_read_in_a_moment() -> None:
    body = " ".join(f"password=Kx{number:05}Qz" for number in range(9_000))
    before = time.process_time()
    assert found(Check.SECRET, body=body) == ["body"] * MAX_SECRETS
    assert time.process_time() - before < 2  # measured: 0.1; each compared with each took 4
