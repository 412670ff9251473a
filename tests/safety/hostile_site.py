"""A site on which every field that people can fill holds the same kind of hostile value, written by every way in."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask

from blog.articles.models import Revision
from blog.extensions import db
from blog.followups.models import ActionItem
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, ROSA, Person
from tests.safety.walk import readable
from tests.visitor import Visitor
from tests.world import World

# Text, attribute in both kinds of quotes, title element, comment, script, and the syntax of templates.
EVIL = "\"'></title></textarea><svg onload=x()><script>x()</script>{{7*7}}{% raw %}${7*7}{text}<b x='<!--"
EVIL_NAME = "\"'><script>x()</script>{{7*7}}{text}"  # at most 64 characters
EVIL_TAG = "\"'><img src=x onerror=x()>{{7*7}}"  # at most 40
URL = "https://away.example/\"'><script>x()</script>"
BODY = f"""{EVIL}

[script](javascript:x()) [data](data:text/html,x) [host](//evil.example/x) [away](https://away.example/x)
[tab](java&#9;script:x()) [own](/about) [part](#part) <https://auto.example/x> https://bare.example/x ftp://a.example/x

![far](https://away.example/x.png "{EVIL_TAG}") ![near](/media/a/b.png)

<form action=/account/logout><input name=a formaction=javascript:x()></form> <style>*{{}}</style>
<math><mi>x</mi></math>

# {EVIL_NAME}

```"><script>
{EVIL}
```
"""
FORBIDDEN = {
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "base",
    "style",
    "template",
    "noscript",
    "applet",
    "frame",
    "b",
}
LINK = re.compile(r"(?:https?://[^/?#]|mailto:[^@/]+@|/(?![/\\])|#|\?)", re.IGNORECASE)
NO_INK = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\\\\]")


@dataclass(frozen=True)
class HostileSite:
    app: Flask
    world: World
    paths: list[str]


def document(**more: Any) -> dict[str, Any]:
    """A write-up with the value in each of its texts."""
    times = {"started": "2026-02-01T09:00:00Z", "resolved": "2026-02-01T12:00:00Z"}
    incident = {
        "title": EVIL, "impact": BODY, "services": [{"name": EVIL_NAME}], "organisations": [{"name": EVIL_NAME}],
        "regions": [EVIL_NAME], "factors": [{"name": EVIL_NAME, "text": BODY}], "times": times,
        "permissions": [{"holder": EVIL_NAME, "granted": BODY, "needed": BODY, "resource": EVIL}],
        "ai": {"system": EVIL_NAME, "vendor": EVIL_NAME, "task": EVIL},
    }  # fmt: skip
    rows = {
        "timeline": [{"at": "2026-02-01T10:00:00Z", "text": EVIL, "source": "s1"}],
        "claims": [{"text": EVIL, "claimant": EVIL_NAME, "role": "vendor", "quote": EVIL, "source": "s1"}],
        "sources": [{"id": "s1", "url": URL, "title": EVIL, "publisher": EVIL_NAME}],
        "actions": [{"text": EVIL, "owner_role": EVIL_NAME}],
    }  # fmt: skip
    allowed = {name: value for name, value in incident.items() if name in _fields_of_an_incident()}
    return {"title": EVIL, "summary": EVIL, "body": BODY, "tags": [EVIL_TAG], "incidents": [allowed], **rows, **more}


def _fields_of_an_incident() -> set[str]:
    from blog.articles.document import Incident

    return set(Incident.model_fields)


def build(app: Flask, world: World, folder: Path) -> HostileSite:
    """Names by the settings page, write-ups and comments by form, API and import, reasons by all who give them."""
    people = {one: world.client(app, one) for one in (MIA, NOOR, ARUN, ROSA, MOSS, ADA)}
    for number, one in enumerate((MIA, ARUN, MOSS)):
        fields = {"name": f"{EVIL_NAME}{'abc'[number]}", "about": BODY[:2_000]}
        assert people[one].post("/account/settings", data=fields).status_code == 303
    programs = {scope: {"Authorization": f"Bearer {world.secrets[ARUN, scope]}"} for scope in ("propose", "comment")}
    made = app.test_client().post("/api/v1/articles", json=document(), headers=programs["propose"])
    assert made.status_code == 201, made.text
    slugs = [made.json["slug"]]
    typed = {
        "title": EVIL,
        "summary": EVIL,
        "body": BODY,
        "tags": f'"{EVIL_TAG.replace(chr(34), chr(34) * 2)}"',
        "note": EVIL,
    }
    assert people[ARUN].post("/editor/articles", data={**typed, "slug": "by-form"}).status_code == 303
    slugs.append("by-form")
    with app.app_context():
        revisions = {
            one.article_id: (one.id, one.document_hash) for one in db.session.query(Revision) if one.title == EVIL
        }
    for number, document_hash in revisions.values():
        for verb, fields in (("submit", {}), ("approve", {"hash": document_hash}), ("publish", {})):
            by = people[ARUN] if verb == "submit" else people[ROSA]
            by.post(f"/editor/revisions/{number}/{verb}", data=fields)
    (folder / "evil.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in _lines(slugs[1])))
    brought = app.test_cli_runner().invoke(args=["import", str(folder / "evil.jsonl")])
    assert brought.exit_code == 0, brought.output
    slugs.append("by-import")
    for slug in slugs:
        said = people[MIA].post(f"/postmortems/{slug}/comments", data={"text": f"{BODY} {slug}", "anchor": ""})
        assert said.status_code == 303, (slug, said.text)
        given = {"text": f"{BODY} by a program, on {slug}"}
        answer = app.test_client().post(f"/api/v1/articles/{slug}/comments", json=given, headers=programs["comment"])
        assert answer.status_code == 201, answer.text
    hidden = str(answer.json["id"])
    hide = people[MOSS].post(f"/moderation/comments/{hidden}/hide", data={"reason": EVIL})
    assert hide.status_code == 303, hide.text
    assert (
        people[ROSA]
        .post(f"/editor/revisions/{world.names['submitted_revision']}/request-changes", data={"reason": BODY})
        .status_code
        == 303
    )
    assert people[ROSA].post(f"/editor/articles/{world.names['live']}/retire", data={"reason": EVIL}).status_code == 303
    app.extensions["hindsight_worker"].drain()
    more = [
        f"/postmortems/{slug}{ending}" for slug in slugs for ending in ("", "/revisions", "/revisions/1", "/similar")
    ]
    more += [
        f"/comments/{hidden}/thread",
        f"/moderation/comments/{hidden}",
        "/moderation/?queue=all",
        f"/editor/revisions/{next(iter(revisions.values()))[0]}",
    ]
    more += [f"/editor/articles/{number}{ending}" for number in revisions for ending in ("", "/text")]
    more += [f"/api/v1/articles/{slug}{ending}" for slug in slugs for ending in ("", "/comments")]
    more += [
        "/search?q=script",
        "/search?q=%22%3E%3Cscript%3Ex()%3C/script%3E%7B%7B7*7%7D%7D",
        "/api/v1/search?q=script",
    ]
    more += _of_actions(app, people[ROSA])
    more += _of_reviews(world, people)
    return HostileSite(app, world, [*readable(world), *more])


def _of_reviews(world: World, people: dict[Person, Visitor]) -> list[str]:
    """Notes and remarks of a review, by their forms."""
    draft, fields = f"/editor/revisions/{world.names['draft_revision']}", {"path": "body", "line": "1", "text": BODY}
    assert people[ARUN].post(f"{draft}/submit", data={"note": BODY}).status_code == 303
    assert people[ROSA].post(f"{draft}/remarks", data=fields).status_code == 303
    remark = f"/editor/remarks/{world.names['remark']}"
    assert people[ARUN].post(f"{remark}/answer", data={"text": EVIL}).status_code == 303
    return [draft, "/editor/queue", f"{draft}/remarks/new?path=body&line=1"]


def _of_actions(app: Flask, rosa: Visitor) -> list[str]:
    """Evidence, reasons and addresses of actions, by their forms."""
    with app.app_context():
        number = db.session.query(ActionItem).filter(ActionItem.text == EVIL, ActionItem.is_live).first().id
    for verb, fields in (
        ("done", {"evidence": BODY, "evidence_url": URL}),
        ("send-back", {"reason": EVIL}),
        ("assign", {"owner": f"{EVIL_NAME}b"}),
        ("done", {"evidence": EVIL, "evidence_url": URL}),
    ):
        assert rosa.post(f"/actions/{number}/{verb}", data=fields).status_code == 303, verb
    return [f"/actions/{number}", f"/api/v1/actions/{number}", "/actions/?state=done", "/actions.csv?state=all"]


def _lines(slug: str) -> Iterator[dict[str, Any]]:
    yield {"type": "user", "name": f"{EVIL_NAME}d", "email": "evil@people.example", "role": "author"}
    yield {
        "type": "article", "slug": "by-import", "published_at": "2026-02-02T09:00:00Z", "document": document(),
        "authors": ["evil@people.example", EVIL_NAME],
    }  # fmt: skip
    said = {"type": "comment", "user": "evil@people.example", "created_at": "2026-02-03T09:00:00Z", "text": BODY}
    yield {**said, "article": "by-import", "id": EVIL_NAME}
    yield {**said, "article": "by-import", "id": "answer", "parent": EVIL_NAME}


def tree(markup: str) -> Element:
    root: Element = html5lib.parse(markup, treebuilder="etree", namespaceHTMLElements=False)
    return root


SVG = "{http://www.w3.org/2000/svg}"
DRAWING = {
    f"{SVG}{name}" for name in ("svg", "line", "rect", "text", "defs", "linearGradient", "stop", "title", "path", "g")
}


def complaints(root: Element) -> Iterator[str]:
    """What must stand on no page at all, whoever wrote it. The one drawing of ours, the time bar, has no links."""
    for element in root.iter():
        tag = str(element.tag)
        if tag in FORBIDDEN or (tag.startswith("{") and tag not in DRAWING):
            yield f"<{tag}>"
        if tag == f"{SVG}svg" and (element.get("role") != "img" or not element.get("aria-label")):
            yield "<svg> that is no drawing of ours"
        if tag == "script" and (not str(element.get("src", "")).startswith("/static/") or (element.text or "").strip()):
            yield f"script {element.get('src')} {element.text}"
        for name, value in element.attrib.items():
            yield from _about(tag, name, value)


OUR_FORMS = ("/editor/", "/comments/preview", "/moderation/appeals/")  # where a second button of ours leads


def _about(tag: str, name: str, value: str) -> Iterator[str]:
    is_ours = name == "formaction" and tag == "button" and value.startswith(OUR_FORMS)
    if name.startswith("on") or (name in ("style", "srcdoc", "formaction", "background", "ping") and not is_ours):
        yield f"<{tag} {name}>"
    if name.endswith("href") and tag.startswith("{"):
        yield f"<{tag} {name}>"
    if name in ("href", "action") and value and (not LINK.match(value) or NO_INK.search(value)):
        yield f"<{tag} {name}={value!r}>"
    if name == "src" and not value.startswith(("/static/", "/media/")):
        yield f"<{tag} src={value!r}>"
