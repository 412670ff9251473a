"""Pictures from people: checked by their content and made anew from their pixels, in a process of its own."""

import contextlib
import json
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from blog.errors import Busy, Fault, Invalid
from blog.lib.processes import bare_environment

TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}  # what is stored, by its ending
LIMIT_SECONDS = 15.0  # for one picture; the largest takes about 3
WAIT_SECONDS = 5.0  # for the picture before it: each takes memory, so one process has one at a time
BEGINNINGS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "webp": b"RIFF"}
TAKEN = "PNG, JPEG, WebP or GIF"
REASONS = {
    "empty": "Choose a picture first.",
    "unknown": f"This is no picture that can be shown here. Save it as {TAKEN}.",
    "drawing": f"SVG and HTML can hold programs, so they are refused. Save the drawing as {TAKEN}.",
    "heic": "This is a HEIC or AVIF picture. Save it as JPEG or PNG.",
    "broken": "The file is damaged or cut off. Save it again, or make the screenshot anew.",
    "huge": "The picture has more than 36 million pixels (50 as JPEG), or a side of more than 30,000. Make it smaller.",
    "moving": "The picture moves. Save one still frame of it.",
    "grown": "The picture is too detailed. Make it smaller, or save it as JPEG.",
    "slow": "The picture takes too long to read. Save it again as PNG or JPEG.",
}

_ROOT = Path(__file__).parents[2]
_DRAWINGS = (b"<svg", b"<html", b"<!doctype", b"<script", b"<?xml")
_turn = threading.Lock()
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """One still picture as it is stored: `kind` is the ending of its name, sizes are in pixels."""

    kind: str
    width: int
    height: int
    content: bytes


def remade(content: bytes, *, most_bytes: int) -> Picture:
    """The same picture without anything else that was in the file: no metadata, no profile, no second meaning; turned
    the way it was taken, and at most 9 million pixels large. Raises `Invalid` at `image`, `Busy` where too many come.
    """
    if reason := _refusal_at_sight(content):
        raise refusal(reason)
    if len(content) > most_bytes:
        raise too_large(most_bytes)
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise Busy("Another picture is being read. Nothing was lost; please try again.")
    try:
        picture = _read(_run(content))
    finally:
        _turn.release()
    if len(picture.content) > most_bytes:
        raise refusal("grown")
    return picture


def refusal(reason: str) -> Invalid:
    return Invalid([Fault("image", REASONS[reason])])


def too_large(most_bytes: int) -> Invalid:
    words = f"The file is larger than {most_bytes / 1_048_576:.3g} MB. Make the picture smaller, or save it as JPEG."
    return Invalid([Fault("image", words)], status=413)


def _refusal_at_sight(content: bytes) -> str:
    """The reason for what can be told without decoding, in words that help more than `unknown`."""
    beginning = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content:
        return "empty"
    if beginning.startswith(_DRAWINGS) or (beginning.startswith(b"<") and b"<svg" in beginning):
        return "drawing"
    return "heic" if content[4:8] == b"ftyp" else ""


def _run(content: bytes) -> bytes:
    """What the image process answers; empty when it died."""
    command = [sys.executable, "-m", "blog.lib.image_child"]
    with subprocess.Popen(  # noqa: S603  # our own module, under our own Python
        command,
        cwd=_ROOT,
        env=bare_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            answer, _ = child.communicate(content, timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("A picture of %d bytes took too long.", len(content))
            raise refusal("slow") from None
        finally:
            child.kill()
    if child.returncode:
        log.warning("The image process ended with %d over a picture of %d bytes.", child.returncode, len(content))
    return answer


def _read(answer: bytes) -> Picture:
    """The answer, not taken on trust: who takes over the process gains a picture at most."""
    line, _, content = answer.partition(b"\n")
    with contextlib.suppress(ValueError, KeyError, TypeError):
        facts = json.loads(line)
        if "refused" in facts:
            raise refusal(facts["refused"])
        picture = Picture(str(facts["kind"]), int(facts["width"]), int(facts["height"]), content)
        if content.startswith(BEGINNINGS[picture.kind]):
            return picture
    raise refusal("broken")
