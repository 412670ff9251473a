"""Front matter: YAML between `---` lines on top of Markdown; a safe loader that bounds what a text can cost.

Depth, nodes, length of keys and numbers have limits; there are no aliases, no explicit tags, no numbers to base 60.
"""

import re
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

MAX_DEPTH = 32  # deeper than any write-up, shallow enough for every recursive reader behind
MAX_NODES = 50_000  # keys, values, lists and mappings; more than the fullest write-up has
MAX_KEY = 200  # characters of a name; no field's is a quarter as long
MAX_TYPED = 64  # characters of a number, a time, a yes or no; what is longer is text
FENCE = "---"
_NUMBERS = {
    "int": r"[-+]?(?:0|[1-9][0-9_]*|0[0-7]+|0b[01]+|0x[0-9a-fA-F]+)",
    "float": r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9]+(?:[eE][-+][0-9]+)?|\.(?:inf|Inf|INF))"
    r"|\.(?:nan|NaN|NAN)",
}  # those of YAML 1.1 without base 60, which reads 12:30 as 750 and takes seconds for a long one


def _resolvers(*kinds: str) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """First character -> the tags a plain word of this beginning may have, as the loader wants them."""
    own = {f"tag:yaml.org,2002:{kind}": re.compile(rf"(?:{form})\Z") for kind, form in _NUMBERS.items()}
    wanted = {f"tag:yaml.org,2002:{kind}" for kind in kinds}
    return {
        first: [(tag, own.get(tag, form)) for tag, form in pairs if tag in wanted]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class _Loader(yaml.SafeLoader):
    """The safe loader within the limits above; a key that stands twice is an error, not a lost value."""

    yaml_implicit_resolvers = _resolvers("bool", "null", "int", "float", "timestamp")
    depth = 0
    nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        self.nodes += 1
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("an alias (*name) is not accepted", event)  # it can unfold to gigabytes
        if event.tag is not None:
            raise _refusal(f"a tag ({event.tag[:60]!r}) is not accepted; write the plain value", event)
        if self.depth == MAX_DEPTH:
            raise _refusal(f"nested deeper than {MAX_DEPTH} levels", event)
        if self.nodes > MAX_NODES:
            raise _refusal(f"more than {MAX_NODES:,} keys and values", event)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode and len(value) > MAX_TYPED:
            return "tag:yaml.org,2002:str"
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for child in (child for child, _ in node.value if isinstance(child, yaml.ScalarNode)):
            if len(child.value) > MAX_KEY:
                raise _refusal(f"a key is longer than {MAX_KEY} characters", child)
            if child.value in seen:
                raise _refusal(f"the key {child.value[:60]!r} stands twice", child)
            seen.add(child.value)
        return super().construct_mapping(node, deep=deep)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:  # a 13th month, say
            raise ConstructorError(None, None, str(error), node.start_mark) from error


def _refusal(reason: str, where: Any) -> ComposerError:
    return ComposerError(None, None, reason, where.start_mark)


class _LoaderOfText(_Loader):
    """The same, with times left as the text that stands there: one that cannot be does not spoil the whole."""

    yaml_implicit_resolvers = _resolvers("bool", "null", "int", "float")


def load_yaml(text: str, *, times_as_text: bool = False) -> Any:
    """Plain data from YAML. Raises ValueError with line and reason, whatever the text does to the loader."""
    loader = None
    try:
        loader = (_LoaderOfText if times_as_text else _Loader)(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"broken YAML, {where}{error.problem or error.context or 'not readable'}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"broken YAML, {error}") from error
    except Exception as error:  # the library lets slip LookupError, TypeError, OverflowError ... on odd texts
        where = f"line {loader.line + 1}: " if loader else ""
        raise ValueError(f"broken YAML, {where}not readable ({type(error).__name__})") from error
    finally:
        if loader:
            loader.dispose()


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
