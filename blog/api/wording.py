"""The description of the API in words, for people: operations and shapes as the page shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}
FORMATS = {"date-time": "time", "date": "date", "uri": "address"}


@dataclass(frozen=True)
class Part:
    """A field, a parameter or a header. `shape` names the shape its values have, where it is one of ours."""

    name: str
    words: str
    about: str
    shape: str
    is_required: bool


@dataclass(frozen=True)
class Deed:
    """One operation as a section of the page. `takes` and `gives` name shapes."""

    name: str
    method: str
    path: str
    about: str
    rights: str
    parts: list[Part]
    takes: str
    gives: str
    is_list: bool


@dataclass(frozen=True)
class Shape:
    """A kind of object, with what it holds."""

    name: str
    about: str
    fields: list[Part]


def deeds(described: Schema) -> Iterator[Deed]:
    """Every operation of a description, in its order."""
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            answer = next(iter(one["responses"].values()))["content"]["application/json"]["schema"]
            is_list = "properties" in answer
            body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            yield Deed(
                name=one["operationId"],
                method=method.upper(),
                path=path,
                about=one["summary"],
                rights=one["description"],
                parts=[_parameter(part) for part in one["parameters"]],
                takes=shape_of(body),
                gives=shape_of(answer["properties"]["items"]["items"] if is_list else answer),
                is_list=is_list,
            )


def shapes(described: Schema) -> Iterator[Shape]:
    """Every schema of a description, by name; one without fields says what its values are."""
    for name, schema in described["components"]["schemas"].items():
        required = set(schema.get("required", ()))
        fields = [
            Part(field, type_words(of), of.get("description", ""), shape_of(of), field in required)
            for field, of in schema.get("properties", {}).items()
        ]
        about = schema.get("description", "")
        yield Shape(name, about if fields else f"{about} {type_words(schema).capitalize()}.".strip(), fields)


def type_words(schema: Schema) -> str:
    """`list of Named`, `text or null`, `one of: exact, minute, hour`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return "one of: " + ", ".join(str(value) or "nothing" for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(type_words(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {type_words(schema.get('items', {}))}"
    kind = schema.get("type", "")
    return FORMATS.get(schema.get("format", "")) or TYPES.get(kind) or kind or "any value"


def shape_of(schema: Schema) -> str:
    """The name of the shape that a schema is, holds a list of, or may be; nothing where there is none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    inner = [schema["items"]] if isinstance(schema.get("items"), Mapping) else schema.get("anyOf", ())
    return next((name for one in inner if (name := shape_of(one))), "")


def _parameter(part: Schema) -> Part:
    place = {"path": "in the address", "query": "in the query", "header": "a header"}[part["in"]]
    words = f"{place}, {type_words(part['schema'])}"
    return Part(part["name"], words, part.get("description", ""), "", part.get("required", False))
