"""Front matter: YAML between `---` lines on top of Markdown; a safe loader that bounds depth, size and aliases."""

from typing import Any

import yaml

MAX_DEPTH = 32  # deeper than any write-up, shallow enough for every recursive reader behind
MAX_ALIASES = 0  # an alias can unfold to gigabytes, and no write-up needs one
FENCE = "---"


class _Loader(yaml.SafeLoader):
    """The safe loader, with a bound on depth and no aliases; a key that stands twice is an error, not a lost value."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*name) is not accepted")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [child.value for child, _ in node.value if isinstance(child, yaml.ScalarNode)]
        repeated = next((key for key in keys if keys.count(key) > 1), None)
        if repeated is not None:
            raise yaml.YAMLError(f"the key {repeated[:60]!r} stands twice")
        return super().construct_mapping(node, deep=deep)


class _LoaderOfText(_Loader):
    """The same, with times left as the text that stands there: one that cannot be does not spoil the whole."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # as the class it narrows has it
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load_yaml(text: str, *, times_as_text: bool = False) -> Any:
    """Plain data from YAML. Raises ValueError with line and reason."""
    try:
        return yaml.load(text, Loader=_LoaderOfText if times_as_text else _Loader)  # noqa: S506  # both are SafeLoaders
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"broken YAML, {where}{error.problem or error.context or 'not readable'}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"broken YAML, {error}") from error


def dump_yaml(data: Any) -> str:
    """Plain data as YAML a person likes to read: block style, order kept, no line folding of short text."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)
    return text


def split(text: str, *, times_as_text: bool = False) -> tuple[dict[str, Any] | None, str]:
    """`(front matter, the rest)`; None where there is none. Raises ValueError for YAML that is broken or no mapping.

    With `times_as_text` dates and times stay text, so that a reader of others' files can judge each by itself.
    """
    text = text.removeprefix("\ufeff")
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return None, text
    end = next((place for place, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        raise ValueError("the front matter has no closing --- line")
    # The blank stands for the opening fence, so that the line a fault names is the line of the text.
    data = load_yaml("\n".join(["", *lines[1:end]]), times_as_text=times_as_text)
    if data is None:
        data = {}
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise ValueError("the front matter is not a mapping of names to values")
    return data, "\n".join(lines[end + 1 :]).lstrip("\n")


def join(data: dict[str, Any], body: str) -> str:
    """Front matter and Markdown as one text; `split` reads it back."""
    return f"{FENCE}\n{dump_yaml(data)}{FENCE}\n\n{body.rstrip()}\n"
