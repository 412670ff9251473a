"""`python -m bench.desk`: a write-up of 20,000 words and 200 timeline rows at the editors' desk.

What an editor waits for, through the form and the pages: opening, keeping what is typed, saving, comparing. Each save
changes words all over the text and the rows, as the one after a long evening does.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from bench.crash_desk import PEOPLE
from bench.crash_site import PASSWORD, flask
from bench.in_process import found, send, signed_in
from blog.articles.document import Document, parse_document
from blog.articles.plain_text import to_text

WORDS, ROWS = 20_000, 200
MUST = {"save through the form": 0.5, "compare two revisions": 1.0}  # seconds
USED = """region leader deploy balancer alert quiet database permission rollback queue consumer disk certificate
resolver replica failover window ticket pager graph budget retry timeout client shard schema lock token"""
VOCABULARY = USED.split()


def long_document(chance: random.Random) -> Document:
    def words(number: int) -> str:
        return " ".join(chance.choices(VOCABULARY, k=number))

    paragraphs = [
        f"{words(50)} **{words(2)}** [{words(2)}](https://example.org/{number}) `{words(1)}` {words(24)}."
        for number in range(WORDS // 80)
    ]
    for place in range(0, len(paragraphs), 12):
        paragraphs[place] = f"## {words(4)}\n\n{paragraphs[place]}"
    rows = [
        {"at": f"2026-01-{1 + place // 24:02}T{place % 24:02}:00Z", "text": f"{words(14)} `{words(1)}`."}
        for place in range(ROWS)
    ]
    return parse_document({"title": "A long night", "body": "\n\n".join(paragraphs), "timeline": rows})


def fields_of(page: str) -> dict[str, str]:
    """Every field of the form that saves, as a browser would send it."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    form = next(one for one in root.iter("form") if one.find(".//*[@name='body']") is not None)
    fields: dict[str, str] = {}
    for one in form.iter():
        name = one.get("name")
        if not name or (one.get("type") in ("checkbox", "radio") and one.get("checked") is None):
            continue
        if one.tag == "input" and one.get("type") != "submit":
            fields[name] = one.get("value", "")
        elif one.tag == "textarea":
            fields[name] = (one.text or "").removeprefix("\n")
        elif one.tag == "select":
            chosen = [option for option in one.iter("option") if option.get("selected") is not None]
            fields[name] = chosen[0].get("value", "") if chosen else ""
    return fields


def with_other_words(fields: dict[str, str], chance: random.Random) -> dict[str, str]:
    """The same form with every 29th word of the text and of each tenth row another one."""
    changed = fields.copy()
    for name in [name for name in fields if name == "body" or (name.endswith("text") and chance.random() < 0.1)]:
        words = fields[name].split(" ")
        for place in range(0, len(words), 29):
            if words[place].isalpha():
                words[place] = chance.choice(VOCABULARY)
        changed[name] = " ".join(words)
    return changed


def timed(ask: Callable[..., TestResponse], address: str, *, holds: str = "", **more: object) -> tuple[float, str]:
    """Seconds until the answer, and its text. Raises `AssertionError` unless it is a success that holds these words."""
    began = time.perf_counter()
    answer = ask(address, **more)
    took = time.perf_counter() - began
    if answer.status_code not in (200, 303) or holds not in answer.text:
        raise AssertionError(f"{address} answered {answer.status_code}: {answer.text[:3_000]}")
    return took, answer.text


def measure(app: Flask, rounds: int) -> dict[str, list[float]]:
    """Seconds of each act, each round once."""
    chance, author = random.Random(29), signed_in(app, PEOPLE["author"])
    first = {"text": to_text(long_document(chance)), "note": "The first."}
    number = int(found(r"/editor/articles/(\d+)", send(author, "/editor/articles/text", first)))
    form = f"/editor/articles/{number}"
    slug = found(r"/postmortems/([a-z0-9-]+)", author.get(f"/postmortems/{number}").headers["Location"])
    seconds: dict[str, list[float]] = {"open the form": [], **{name: [] for name in MUST}}
    for one in range(1, rounds + 1):
        took, page = timed(author.get, form, holds="A long night")
        seconds["open the form"].append(took)
        sent = with_other_words(fields_of(page), chance) | {"note": f"Round {one}."}
        took, _ = timed(author.post, form, data=sent, content_type="multipart/form-data")
        seconds["save through the form"].append(took)
        took, _ = timed(author.get, f"/postmortems/{slug}/compare?from={one}&to={one + 1}", holds="<ins")
        seconds["compare two revisions"].append(took)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hindsight-desk-"))
    try:
        flask(folder, "db", "upgrade")
        for role, email in PEOPLE.items():
            flask(folder, "users", "create", f"The {role}", email, "--role", role, "--password-stdin", typed=PASSWORD)
        app = create_app({"data_dir": folder, "rate_limits": False, "link_checks": False, "log_level": "error"})
        seconds = measure(app, chosen.rounds)
    finally:
        shutil.rmtree(folder)
    print(f"| {WORDS:,} words, {ROWS} rows | median s | worst s | must |")
    print("|---|---|---|---|")
    for name, took in seconds.items():
        print(f"| {name} | {median(took):.2f} | {max(took):.2f} | {MUST.get(name, '')} |")
    sys.exit(1 if any(median(seconds[name]) > most for name, most in MUST.items()) else 0)


if __name__ == "__main__":
    main()
