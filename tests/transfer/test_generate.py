"""The generator of load-test bundles: the same seed gives the same bytes, and all of it can be imported."""

import subprocess
import sys
from pathlib import Path

from flask import Flask

from tests.transfer.site import run_import

GENERATE = Path(__file__).parents[2] / "bench" / "generate.py"


def generate(path: Path, *more: str) -> bytes:
    options = ["--articles", "6", "--comments", "15", "--words", "80", "--out", str(path), *more]
    subprocess.run([sys.executable, str(GENERATE), *options], check=True)
    return path.read_bytes()


def test_a_generated_bundle_is_imported_whole(app: Flask, tmp_path: Path) -> None:
    generate(tmp_path / "site.jsonl")
    result = run_import(app, tmp_path / "site.jsonl")
    assert result.exit_code == 0 and "6 write-ups, 5 people, 15 comments" in result.output


def test_the_seed_decides_every_byte(tmp_path: Path) -> None:
    one, two = generate(tmp_path / "one"), generate(tmp_path / "two")
    assert one == two != generate(tmp_path / "three", "--seed", "2")
