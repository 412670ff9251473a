"""What must hold of the looks of every page: contrast, size, no inline style or script, colours from tokens only."""

import re
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).parents[2]
STYLES = sorted((ROOT / "static" / "css").rglob("*.css"))
# A mail can load nothing: its one sheet stands in itself.
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "emails")
TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\)")
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall(STYLES[0].parent.joinpath("app.css").read_text())}
SCHEMES = ("light", "dark")
MAX_CSS = 8_500  # bytes of the sheets of one folder as a browser gets them


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, scheme: str) -> float:
    place = SCHEMES.index(scheme)
    low, high = sorted(luminance(TOKENS[name][place]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "surface"])
@pytest.mark.parametrize("words", ["ink", "quiet", "accent", "danger", "ok", "warn"])
def test_words_can_be_read_on_every_ground(words: str, ground: str, scheme: str) -> None:
    assert contrast(words, ground, scheme) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("mark", ["edge", "sev1", "sev2", "sev3", "sev4", "sev5"])
def test_shapes_and_borders_of_fields_can_be_seen(mark: str, scheme: str) -> None:
    assert contrast(mark, "paper", scheme) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_on_a_primary_button_can_be_read(scheme: str) -> None:
    assert contrast("accent-ink", "accent", scheme) >= 4.5


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_inline_style_or_script(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("sheet", STYLES, ids=lambda path: path.name)
def test_a_sheet_is_short_stands_in_a_layer_and_asks_nobody(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    assert "url(" not in text
    assert "@import" not in text
    assert "@layer" in text or "@media print" in text


@pytest.mark.parametrize("folder", ["css", "css/desk", "css/members"])
def test_the_sheets_of_a_folder_stay_small_together(folder: str) -> None:
    sheets = [sheet for sheet in STYLES if sheet.parent == ROOT / "static" / folder]
    joined = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    assert len(brotli.compress(joined.encode(), quality=11)) <= MAX_CSS


def classes_of(folder: str) -> set[str]:
    sheets = (ROOT / "static" / folder).glob("*.css")
    return {name for sheet in sheets for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("folder", "joined"), [("css/desk", "desk"), ("css/members", "members")])
def test_a_page_has_the_stylesheet_of_the_classes_it_names(folder: str, joined: str) -> None:
    own = classes_of(folder) - classes_of("css")
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        if "{% extends" in text and not re.search(rf"layouts/{joined}\.html|{joined}\.css|extends \"editor/", text):
            fixed = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", text, flags=re.DOTALL)
            named = {name for names in re.findall(r'class="([^"]*)"', fixed) for name in re.findall(r"[\w-]+", names)}
            assert not named & own, (template.name, named & own)
