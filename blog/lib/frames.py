"""Messages between the site and its render process: JSON behind its length in four bytes."""

import json
import struct
from typing import Any, BinaryIO

HEADER = struct.Struct(">I")


def pack(message: Any) -> bytes:
    """One frame. JSON's ASCII form is used, since it carries any text, even a broken character pair."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    return HEADER.pack(len(body)) + body


def take(buffer: bytearray) -> Any | None:
    """The first whole message of a buffer, removed from it; None while it is not complete. Messages are never null."""
    if len(buffer) < HEADER.size:
        return None
    end = HEADER.size + HEADER.unpack_from(buffer)[0]
    if len(buffer) < end:
        return None
    message = json.loads(bytes(buffer[HEADER.size : end]))
    del buffer[:end]
    return message


def read(stream: BinaryIO) -> Any | None:
    """The next message of a blocking stream, or None at its end."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    return json.loads(stream.read(HEADER.unpack(header)[0]))
