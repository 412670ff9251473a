"""Prose from named fields: sections for what a file tells, and a list of the rest, so that nothing of it is lost."""

from collections.abc import Collection, Sequence
from typing import Any

ACRONYMS = {"ai", "api", "aws", "cve", "id", "ids", "mcp", "url", "usd"}


def prose_of(data: dict[str, Any], *, told: Sequence[str], aside: dict[str, Any]) -> str:
    """Markdown of the fields in `told`, each below a heading, then of what is left in `aside` as a nested list."""
    parts = [f"## {sentence_case(key)}\n\n{_paragraphs(data[key])}" for key in told if data.get(key)]
    rest = {key: value for key, value in aside.items() if key not in told and not _is_empty(value)}
    if rest:
        heading = "## Further details\n\n" if parts else ""
        parts.append(heading + "\n".join(_list_lines(rest, "")))
    return "\n\n".join(parts) or str(data["title"])


def sentence_case(name: str) -> str:
    """`root_cause` -> `Root cause`."""
    words = [
        word.upper() if word.lower() in ACRONYMS else word for word in name.replace("_", " ").replace("-", " ").split()
    ]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _paragraphs(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(f"- {' '.join(str(one).split())}" for one in value)
    return str(value).strip()


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, Collection) and not value)


def _list_lines(data: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in data.items():
        if _is_empty(value):
            continue
        if isinstance(value, dict):
            lines += [f"{indent}- {sentence_case(str(key))}", *_list_lines(value, indent + "    ")]
        elif isinstance(value, list):
            words = [_words(one) for one in value]
            lines.append(f"{indent}- {sentence_case(str(key))}: {', '.join(words)}")
        else:
            lines.append(f"{indent}- {sentence_case(str(key))}: {' '.join(str(value).split())}")
    return lines


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}: {_words(one)}" for key, one in value.items())
    return " ".join(str(value).split())
