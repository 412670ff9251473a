"""What looks like a secret, or like the address of a machine that only its owners should know.

Sources of the shapes: the vendors' own pages on the form of their tokens; RFC 1918, 4193, 6598 and 8375 for addresses.
"""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterator

from blog.checks.findings import Check, Finding, Passage

# Of one field: each is compared with each. Who takes them out is told of the next.
MAX_SECRETS = 50

_SHAPES: list[tuple[str, str]] = [
    ("an AWS access key", r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[0-9A-Z]{16}\b"),
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})\b"),
    ("a GitLab token", r"\bgl(?:pat|ptt|dt|rt|soat)-[A-Za-z0-9_-]{20,100}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    ("a webhook with its secret", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,200}"),
    (
        "a webhook with its secret",
        r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d{5,25}/[A-Za-z0-9_-]{20,100}",
    ),
    ("a Stripe key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}\b"),
    ("a Google key", r"\bAIza[0-9A-Za-z_-]{35}(?![\w-])"),
    ("a Google secret", r"\bGOCSPX-[A-Za-z0-9_-]{20,60}|\bya29\.[A-Za-z0-9_-]{30,500}"),
    ("an API key", r"\bsk-(?:proj-|svcacct-|ant-(?:api|admin)\d\d-|or-v1-)?[A-Za-z0-9_-]{20,250}"),
    ("a package registry token", r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgE[A-Za-z0-9_-]{20,500}"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{30,60}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,60}\b"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("a HashiCorp Vault token", r"\bhv[bsr]\.[A-Za-z0-9_-]{24,300}"),
    ("a signed token", r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}"),
]
_TOKENS = [(what, re.compile(shape)) for what, shape in _SHAPES]
# Without any of these none of the shapes fits; a quarter of the time.
_HINT = re.compile(
    r"A(?:KIA|SIA|ROA|IDA|BIA|CCA|Iza)|PRIVATE KEY|gh[pousr]_|github_pat|gl[a-z]+-|xox|hooks\.slack|webhooks|"
    r"_live_|_test_|GOCSPX|ya29|sk-|npm_|pypi-|SG\.|hf_|_v1_|hv[bsr]\.|eyJ"
)
_IN_ADDRESS = re.compile(
    r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://(?P<user>[^\s:/@<>\"']{0,80}):(?P<value>[^\s/@<>\"']{1,120})@[\w\[]"
)
_SIGNED_ADDRESS = re.compile(
    r"[?&](?:X-Amz-Signature|X-Goog-Signature|sig|access_token|api_?key|auth_token)=(?P<value>[^&\s#\"'<>)]{16,500})",
    re.I,
)
_NAMED = re.compile(
    r"(?P<name>(?<![A-Za-z])(?:[A-Za-z0-9]{1,30}[_-]){0,4}(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|"
    r"access_?key|secret_?key|private_?key)(?:_id)?)[\"'`*]{0,3}\s{0,3}(?:=|:|=>|:=| is | was )\s{0,3}[\"'`]{0,3}"
    r"(?P<value>[^\s\"'`<>,;|)\]}]{6,250})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(?:Authorization: ?)?(?:Bearer|Basic|Token) (?P<value>[A-Za-z0-9+/_=.~-]{20,2000})")
_STAND_IN = re.compile(
    r"^\W*$|^[x*.•·_-]+$|[<>{}$%\[\]]|\*{3}|x{4}|\.\.\.|…|redacted|removed|placeholder|changeme|your[_-]|_here|example|dummy|"
    r"^(?:user(?:name)?|pass(?:word)?|passwd|pwd|secret|token|none|null|true|false|string|value|foo|bar|required|optional)$|"
    r"\(|^env[.:]|^os\.|^process\.|^(?:file|https?|s3|vault|arn|ssm):",
    re.IGNORECASE,
)

_V4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w-]|\.\d)")
_V6 = re.compile(
    r"(?<![\w:.])(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):[0-9a-f:]{2,40}(?:/\d{1,3})?(?![\w:])", re.IGNORECASE
)
_VERSION = re.compile(r"(?:\bv|\bversions?|\breleases?|\bbuild|\bfrom|\bto|==|@)\s?$", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w.@/$-])(?:(?:https?|ssh|postgres(?:ql)?|mysql|redis|amqp|mongodb|tcp|ldaps?)://(?:[^\s/@]{1,80}@)?)?"
    r"(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?P<end>internal|corp|lan|intranet|localdomain|local|home\.arpa))"
    r"(?![\w(-]|\.\w)",
    re.IGNORECASE,
)
_EVERYBODYS_HOSTS = re.compile(
    r"(?:.+\.)?(?:metadata\.google\.internal|docker\.internal|(?:svc\.)?cluster\.local)|(?:_?\w+\._(?:tcp|udp)\.local)",
    re.IGNORECASE,
)
_FILES = re.compile(
    r"(?:^|\.)(?:env|conf|config|settings|yml|yaml|json|toml|hosts|gitconfig|override)\.local$", re.IGNORECASE
)
_PRIVATE = [
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
]
_EVERYBODYS = {"169.254.169.254", "169.254.170.2", "169.254.169.253", "192.168.0.1", "192.168.1.1", "fd00:ec2::254"}


def secret_findings(passages: list[Passage]) -> list[Finding]:
    """One finding a secret. The words show its first characters at most."""
    found = []
    for passage in passages:
        found += [_secret(passage, what, value) for what, value in _secrets_in(passage.text)]
    return found


def address_findings(passages: list[Passage]) -> list[Finding]:
    """One finding a private address or host, however often it stands in a field."""
    found = []
    for passage in passages:
        for name in dict.fromkeys(_private_in(passage.text)):
            told = f"{name} looks like the address of a machine inside; name what it is for, or leave it out"
            found.append(Finding(Check.PRIVATE_ADDRESS, passage.path, passage.place, told, name, excerpt=name))
    return found


def _secret(passage: Passage, what: str, value: str) -> Finding:
    shown = f"{value[:4]}…" if len(value) > 12 else f"{value[:1]}…"
    told = f"{shown} looks like {what}; take it out, and have it changed where it is used: saved drafts are kept"
    return Finding(Check.SECRET, passage.path, passage.place, told, value)


def _secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """Each secret once, and once where one holds another; at most `MAX_SECRETS`."""
    seen: set[str] = set()
    for what, value in _candidates(text):
        if value in seen or any(value in other or other in value for other in seen):
            continue
        seen.add(value)
        yield what, value
        if len(seen) == MAX_SECRETS:
            return


def _candidates(text: str) -> Iterator[tuple[str, str]]:
    for what, shape in _TOKENS if _HINT.search(text) else ():
        yield from ((what, one[0]) for one in shape.finditer(text))
    for one in _IN_ADDRESS.finditer(text):
        if not _STAND_IN.search(one["value"]):
            yield "a password in an address", one["value"]
    for pattern, what in ((_SIGNED_ADDRESS, "an address that lets its bearer in"), (_BEARER, "a token")):
        yield from ((what, one["value"]) for one in pattern.finditer(text) if _is_random(one["value"]))
    for one in _NAMED.finditer(text):
        value = one["value"].rstrip(".:!?")
        if _is_chosen(value) and not value.lower().startswith(one["name"].lower()):
            yield f"a {one['name'].lower().replace('_', ' ')}", value


def _is_chosen(value: str) -> bool:
    """Whether this is more likely a password than a word: not a stand-in, with letters and digits or signs mixed."""
    if _STAND_IN.search(value) or len(value) < 6:
        return False
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^\w]"))
    return kinds >= 2 and bool(re.search(r"\d", value)) and _bits(value) >= 2.2


def _is_random(value: str) -> bool:
    return not _STAND_IN.search(value) and bool(re.search(r"\d", value)) and _bits(value) >= 3.0


def _bits(value: str) -> float:
    """Shannon entropy of the characters, in bits each."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _private_in(text: str) -> Iterator[str]:
    for one in _V4.finditer(text):
        if _is_private(one[0]) and not _VERSION.search(text[max(one.start() - 12, 0) : one.start()]):
            yield one[0]
    yield from (one[0] for one in _V6.finditer(text) if _is_private(one[0]))
    for one in _HOST.finditer(text):
        host = one["host"]
        if not _EVERYBODYS_HOSTS.fullmatch(host) and not _FILES.search(host) and not _is_name_of_code(host, one["end"]):
            yield host.lower()


def _is_private(text: str) -> bool:
    """Whether an address lies in a private network; those networks themselves are no secret."""
    address = text.partition("/")[0]
    if address in _EVERYBODYS:
        return False
    try:
        network = ipaddress.ip_network(text, strict=False)
        return any(network.version == one.version and network.subnet_of(one) for one in _PRIVATE if network != one)  # type: ignore[arg-type]
    except ValueError:
        return False


def _is_name_of_code(host: str, end: str) -> bool:
    """`com.example.internal` and `app.local` name packages and files as often as machines."""
    return (end.lower() in ("local", "internal") and host.count(".") < 2) or host.lower().startswith(
        ("com.", "org.", "io.", "net.")
    )
