"""The image process: reads one picture from standard input, answers with it made anew from its pixels, and ends.

Run by `images` as `python -m blog.lib.image_child`; a hostile file can only hurt this process (decision 0016).
"""

import contextlib
import json
import signal
import sys
import warnings
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, UnidentifiedImageError

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 20  # ends a process whose site has gone away; the site itself waits less
MAX_PIXELS = 36_000_000  # an 8K screen; known before a pixel is read
MAX_JPEG_PIXELS = 50_000_000  # a phone's largest; these are decoded small, so they take less memory than the others
MAX_SIDE = 30_000  # pixels; a file of a million thin rows takes longer to write than all else
SHOWN_PIXELS = 9_000_000  # a 4K screen; more only costs readers time
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
KINDS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "GIF": "png", "WEBP": "webp"}
ORIENTATION = 0x0112  # the EXIF tag, and what undoes each of its values
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """The picture is none we take; the message is a key of `images.REASONS`."""


def remake(content: bytes) -> tuple[str, Image.Image, bytes]:
    """(ending, picture, its file): nothing of the file goes in but its pixels. Raises `Refused`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged metadata is thrown away in any case
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return _remade(content)


def _remade(content: bytes) -> tuple[str, Image.Image, bytes]:
    opened = _opened(content)
    kind, profile, turn = KINDS[opened.format or ""], opened.info.get("icc_profile"), _turn_of(opened)
    try:
        shown = _in_bounds(opened, keeps_palette=kind == "png" and not profile)
    except (OSError, SyntaxError, ValueError, IndexError, EOFError) as error:
        raise Refused("broken") from error
    opacity = shown.info.get("transparency") if shown.mode == "P" else None
    shown = _in_common_colours(shown, profile)
    if turn is not None:
        shown = shown.transpose(turn)
    shown = shown.copy()
    shown.info = {}
    return kind, shown, _encoded(shown, kind, opacity=opacity, is_lossless=b"VP8L" in content)


def _opened(content: bytes) -> Image.Image:
    """The picture with its header read, and nothing decoded yet."""
    Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
    try:
        opened = Image.open(BytesIO(content), formats=FORMATS)
        is_moving = opened.format != "MPO" and getattr(opened, "is_animated", False)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused("huge") from error
    except UnidentifiedImageError as error:
        raise Refused("unknown") from error
    except (OSError, SyntaxError, ValueError, IndexError, EOFError, KeyError) as error:
        raise Refused("broken") from error
    most = MAX_JPEG_PIXELS if KINDS[opened.format or ""] == "jpg" else MAX_PIXELS
    if opened.width * opened.height > most or max(opened.size) > MAX_SIDE:
        raise Refused("huge")
    if is_moving:
        raise Refused("moving")
    return opened


def _turn_of(opened: Image.Image) -> Image.Transpose | None:
    """How the camera was held. A damaged note of it counts as none."""
    try:
        return TURNS.get(opened.getexif().get(ORIENTATION, 1))
    except Exception:
        return None


def _in_bounds(opened: Image.Image, *, keeps_palette: bool) -> Image.Image:
    """Decoded, in a mode that every format writes, and no larger than a screen."""
    factor = (SHOWN_PIXELS / (opened.width * opened.height)) ** 0.5
    size = (max(1, int(opened.width * factor)), max(1, int(opened.height * factor)))
    if factor < 1:
        opened.draft(None, size)  # a JPEG is decoded at a half or a quarter at once
    opened.load()
    shown = opened
    if shown.mode.startswith("I;16"):
        shown = shown.point(lambda value: value * (1 / 256)).convert("L")
    elif shown.mode == "P" and keeps_palette and factor >= 1:
        return shown
    elif shown.mode == "CMYK":
        pass  # its profile says what the inks look like
    elif shown.mode not in ("L", "RGB", "RGBA") or (shown.mode != "RGBA" and shown.has_transparency_data):
        shown = shown.convert("RGBA" if shown.has_transparency_data else "RGB")
    if factor < 1:
        shown.thumbnail(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return shown


def _in_common_colours(shown: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB, which is what a file without a profile means; a profile that cannot be used is left out."""
    if profile and shown.mode in ("RGB", "RGBA", "CMYK"):
        wanted = "RGBA" if shown.mode == "RGBA" else "RGB"
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(shown, given, ImageCms.createProfile("sRGB"), outputMode=wanted) or shown
    return shown.convert("RGB") if shown.mode == "CMYK" else shown


def _encoded(shown: Image.Image, kind: str, *, opacity: Any, is_lossless: bool) -> bytes:
    file = BytesIO()
    if kind == "jpg":
        shown.save(file, "JPEG", quality=88, optimize=True, progressive=True)
    elif kind == "webp":
        shown.save(file, "WEBP", lossless=is_lossless, quality=60 if is_lossless else 88, method=3)
    else:
        shown.save(file, "PNG", **({} if opacity is None else {"transparency": opacity}))
    return file.getvalue()


def main() -> None:
    """Bound what one picture may take, leave Ctrl-C to the site, and answer: a line of facts, then the file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system can bound these
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    facts: dict[str, Any]
    file = b""
    try:
        kind, shown, file = remake(sys.stdin.buffer.read())
        facts = {"kind": kind, "width": shown.width, "height": shown.height}
    except Refused as refusal:
        facts = {"refused": str(refusal)}
    except MemoryError:
        facts = {"refused": "huge"}
    with contextlib.suppress(BrokenPipeError):  # the site went away in the middle of the answer
        sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + file)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
