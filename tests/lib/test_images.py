"""Pictures made anew: what is taken, what is refused with which words, and that nothing but pixels comes through."""

import json
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from blog.errors import Busy, Invalid
from blog.lib import image_child, images
from blog.lib.image_child import MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE, SHOWN_PIXELS, Refused, remake
from tests.factories.media import file_of

MOST = 10 * 1_048_576
SECRET = b"s3cret-place"


def remade(content: bytes) -> Image.Image:
    """What is stored, decoded; made in this process, by the function that the other one runs."""
    return Image.open(BytesIO(remake(content)[2]))


def reason(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        remake(content)
    return str(refused.value)


def words(content: bytes, *, most_bytes: int = MOST) -> str:
    """What a person is told, by the whole way through the process."""
    with pytest.raises(Invalid) as refused:
        images.remade(content, most_bytes=most_bytes)
    return " ".join(refused.value.at("image"))


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    file = BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """A file of a few bytes that claims to be of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "ending", "mode"),
    [
        ("PNG", "png", "RGB"), ("PNG", "png", "RGBA"), ("PNG", "png", "L"), ("PNG", "png", "P"), ("PNG", "png", "1"),
        ("PNG", "png", "LA"), ("JPEG", "jpg", "RGB"), ("JPEG", "jpg", "L"), ("JPEG", "jpg", "CMYK"),
        ("WEBP", "webp", "RGB"), ("WEBP", "webp", "RGBA"), ("GIF", "png", "P"),
    ],
)  # fmt: skip
def test_still_pictures_of_four_formats_are_taken(kind: str, ending: str, mode: str) -> None:
    made, _, file = remake(file_of(kind, mode=mode))
    shown = Image.open(BytesIO(file))
    assert (made, shown.size) == (ending, (40, 30))
    left, right = (shown.convert("L").getpixel((x, 15)) for x in (5, 35))
    assert left > 240 and right < 15


def test_sixteen_bits_of_grey_become_eight_with_their_brightness() -> None:
    file = BytesIO()
    Image.new("I;16", (10, 10), 32768).save(file, "PNG")
    assert remade(file.getvalue()).getpixel((5, 5)) == 128


def test_what_can_be_seen_through_stays_so() -> None:
    half = Image.new("RGBA", (10, 10), "red")
    half.paste((0, 0, 0, 0), (0, 0, 5, 10))
    for kind in ("PNG", "GIF"):
        file = BytesIO()
        (half if kind == "GIF" else half.quantize(4)).save(file, kind)
        assert Image.open(file).mode == "P"
        shown = remade(file.getvalue()).convert("RGBA")
        assert (shown.getpixel((2, 5))[3], shown.getpixel((7, 5))) == (0, (255, 0, 0, 255)), kind
    for mode in ("L", "RGB"):
        file = BytesIO()
        Image.new(mode, (10, 10), "white").save(file, "PNG", transparency=255 if mode == "L" else (255,) * 3)
        assert remade(file.getvalue()).convert("RGBA").getpixel((5, 5))[3] == 0, mode


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_comes_through(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = SECRET.decode(), {1: "N", 29: SECRET.decode()}
    how: dict[str, Any] = {
        "exif": exif,
        "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    }
    if kind == "PNG":
        how["pnginfo"] = PngImagePlugin.PngInfo()
        how["pnginfo"].add_text("Comment", SECRET.decode())
        how["pnginfo"].add_itxt("XML:com.adobe.xmp", f"<x>{SECRET.decode()}</x>")
    else:
        how["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if kind == "JPEG":
        how["comment"] = SECRET
    content = file_of(kind, **how) + b"<script>" + SECRET + b"</script>"
    assert SECRET in content
    _, _, file = remake(content)
    shown = Image.open(BytesIO(file))
    shown.load()
    assert SECRET not in file and b"<script" not in file
    of_the_format = {"progressive", "progression", "background", "timestamp", "duration", "loop"}
    assert {name for name in shown.info if not name.startswith("jfif")} <= of_the_format
    assert dict(shown.getexif()) == {}
    for mark in (b"Exif", b"EXIF", b"eXIf", b"ICC", b"iCCP", b"xmp", b"XMP", b"tEXt", b"iTXt"):
        assert mark not in file, mark


@pytest.mark.parametrize("value", range(1, 9))
def test_a_picture_is_turned_the_way_it_was_taken(value: int) -> None:
    exif = Image.Exif()
    exif[image_child.ORIENTATION] = value
    upright = Image.new("RGB", (40, 30), "black")
    upright.paste("white", (0, 0, 10, 10))  # the corner that shall stand at the top left
    back = {6: 8, 8: 6}.get(value, value)  # each of the others undoes itself
    stored = upright.transpose(image_child.TURNS[back]) if value > 1 else upright
    file = BytesIO()
    stored.save(file, "PNG", exif=exif)
    shown = remade(file.getvalue())
    assert shown.size == (40, 30)
    assert [shown.getpixel(at) for at in ((2, 2), (37, 2), (2, 27), (37, 27))] == [(255,) * 3] + [(0,) * 3] * 3


def test_damaged_metadata_does_not_spoil_a_good_picture() -> None:
    content = file_of("JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + bytes(40), icc_profile=b"no profile")
    assert remade(content).size == (40, 30)


def test_colours_of_another_profile_are_kept_as_they_look() -> None:
    given = ImageCms.createProfile("XYZ")
    content = file_of("PNG", icc_profile=ImageCms.ImageCmsProfile(given).tobytes())
    assert "icc_profile" not in remade(content).info
    file = BytesIO()
    Image.new("RGB", (4, 4), (120, 60, 200)).save(
        file, "JPEG", quality=100, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    assert max(abs(a - b) for a, b in zip(remade(file.getvalue()).getpixel((1, 1)), (120, 60, 200), strict=True)) < 6


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_what_moves_is_refused(kind: str) -> None:
    assert reason(moving(kind)) == "moving"


def test_a_photo_with_a_second_picture_inside_counts_as_still() -> None:
    """Phones write such files: the second one holds how bright each place is, or a small copy."""
    file = BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 15))])
    assert remake(file.getvalue())[0] == "jpg"


def test_too_many_pixels_are_refused_before_one_is_read() -> None:
    assert reason(png_of(MAX_PIXELS // 10_000 + 1, 10_000)) == "huge"
    assert reason(png_of(65_000, 65_000)) == "huge"
    assert (
        reason(png_of(MAX_PIXELS // 10_000, 10_000)) == "broken"
    )  # small enough to be looked at, which finds no pixels


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    shown = remade(file_of("PNG", size=(6000, 3000), mode="L"))
    assert shown.width == 2 * shown.height
    assert 0.99 * SHOWN_PIXELS < shown.width * shown.height <= SHOWN_PIXELS


def test_a_side_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert remade(file_of("PNG", size=(2, MAX_SIDE), mode="L")).size == (2, MAX_SIDE)
    assert reason(file_of("PNG", size=(2, MAX_SIDE + 1), mode="L")) == "huge"


def test_a_photo_may_have_more() -> None:
    whole = file_of("JPEG", size=(40, 30))
    at = whole.index(b"\xff\xc0") + 5  # where height and width stand
    for height, told in ((MAX_JPEG_PIXELS // 10_000, "broken"), (MAX_JPEG_PIXELS // 10_000 + 1, "huge")):
        assert reason(whole[:at] + struct.pack(">HH", height, 10_000) + whole[at + 4 : -30]) == told


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_file_that_was_cut_off_is_refused(kind: str) -> None:
    whole = file_of(kind, size=(300, 200))
    for end in (12, 40, len(whole) // 2):
        assert reason(whole[:end]) in ("broken", "unknown")


@pytest.mark.parametrize(
    "content",
    [
        b"not a picture", b"%PDF-1.7", b"PK\x03\x04", b"\x7fELF", b"BM" + bytes(100), b"II*\x00" + bytes(100),
        b"%!PS-Adobe-3.0 EPSF-3.0", b"\x00\x00\x01\x00" + bytes(100), b"8BPS" + bytes(100), b"\x89PNG\r\n\x1a\n",
        b"GIF89a", b"\xff\xd8\xff", b"RIFF\x00\x00\x00\x00WEBP",
    ],
)  # fmt: skip
def test_other_files_are_refused(content: bytes) -> None:
    assert reason(content) in ("unknown", "broken")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Choose a picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG and HTML"),
        (b'\xef\xbb\xbf\n <?xml version="1.0"?><svg/>', "SVG and HTML"),
        (b"<!-- a --><SVG>", "SVG and HTML"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "SVG and HTML"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
        (b"x" * (MOST + 1), "larger than 10 MB"),
    ],
)
def test_words_say_what_to_do(content: bytes, told: str) -> None:
    assert told in words(content)


def test_the_whole_way_through_the_process_gives_a_picture() -> None:
    made = images.remade(file_of("JPEG"), most_bytes=MOST)
    assert (made.kind, made.width, made.height) == ("jpg", 40, 30)
    assert Image.open(BytesIO(made.content)).size == (40, 30)
    assert "moves" in words(moving("GIF"))


def test_a_file_that_grows_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.dumps({"kind": "png", "width": 9, "height": 9}).encode() + b"\n\x89PNG\r\n\x1a\n" + bytes(2000)
    monkeypatch.setattr(images, "_run", lambda _: answer)
    assert images.remade(b"x", most_bytes=3000).width == 9
    assert "too detailed" in words(b"x", most_bytes=1000)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\n", b"{}", b"[]\n", b"{\n", b'{"kind": "png", "width": 1, "height": 1}\n<html>',
        b'{"kind": "svg", "width": 1, "height": 1}\n<svg>', b'{"refused": "<b>made up</b>"}\n', b'{"refused": ["x"]}\n',
        b'{"kind": "png", "width": "x", "height": 1}\n\x89PNG\r\n\x1a\n', b'{"kind": "png"}\n\x89PNG\r\n\x1a\n',
        b"\xff\xfe\n",
    ],
)  # fmt: skip
def test_a_process_that_was_taken_over_is_not_believed(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    monkeypatch.setattr(images, "_run", lambda _: answer)
    assert "damaged" in words(b"anything")


def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LIMIT_SECONDS", 0.0)
    assert "too long" in words(file_of())


def test_one_picture_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "WAIT_SECONDS", 0.01)
    with images._turn, pytest.raises(Busy):
        images.remade(file_of(), most_bytes=MOST)


def test_the_process_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []

    class Started(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            seen.append(kwargs["env"])
            super().__init__(*args, **kwargs)

    monkeypatch.setenv("HINDSIGHT_SECRET_KEY", "do not tell")
    monkeypatch.setattr(images.subprocess, "Popen", Started)
    images.remade(file_of(), most_bytes=MOST)
    assert seen and not [name for name in seen[0] if name.startswith("HINDSIGHT")]


def test_the_web_process_never_loads_the_decoders() -> None:
    command = "import sys, blog.media.views; sys.exit('PIL' in sys.modules)"
    root = Path(images.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", command], cwd=root, timeout=60, check=False).returncode == 0
