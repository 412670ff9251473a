"""The four laws of the house, and that pages, settings and commands are all guarded and documented."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from blog.settings import Settings
from tests.architecture.test_imports import BLOG, ROOT, modules, name_of, role_of

QUERIES, EDGE = 3, 6  # places in ROLES
TEMPLATES = ROOT / "templates"


def calls_in(path: Path) -> list[tuple[str, int]]:
    """(dotted name of what is called, line) of every call in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [(ast.unparse(node.func), node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_edges_commit(path: Path) -> None:
    if name_of(path).startswith(("blog.lib.database", "blog.search.whoosh_")) or role_of(name_of(path)) == EDGE:
        return
    commits = [
        line for name, line in calls_in(path) if name.endswith(".commit") or name in ("writing", "database.writing")
    ]
    assert commits == [], f"{name_of(path)} commits at line(s) {commits}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_queries_build_selects(path: Path) -> None:
    if role_of(name_of(path)) == QUERIES or name_of(path) == "blog.journal.worker":  # the worker owns its outbox
        return
    selects = [line for name, line in calls_in(path) if name in ("select", "sa.select") or name.endswith(".query")]
    assert selects == [], f"{name_of(path)} builds a select at line(s) {selects}; reads live in queries"


def test_user_text_never_becomes_a_template() -> None:
    for path in modules():
        for name, line in calls_in(path):
            assert "render_template_string" not in name and "from_string" not in name, f"{name_of(path)}:{line}"


def test_only_one_place_imports_each_dangerous_package() -> None:
    allowed = {
        "whoosh": r"blog\.search\.whoosh_",
        "bleach": r"blog\.lib\.",
        "markdown": r"blog\.lib\.",
        "pickle": r"blog\.search\.whoosh_",
        "PIL": r"blog\.lib\.image_child",
    }
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        for name in names:
            pattern = allowed.get(name.split(".")[0])
            assert pattern is None or re.match(pattern, name_of(path)), f"{name_of(path)} imports {name}"


def test_templates_trust_no_text_themselves() -> None:
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), f"{template.name}: only the renderer makes trusted HTML"
        assert "style=" not in text, f"{template.name}: the policy of the pages forbids inline styles"
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), f"{template.name}: no inline script"
        assert not re.search(r"\son[a-z]+=", text), f"{template.name}: no inline handlers"


def test_every_template_is_rendered_or_included() -> None:
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*modules(), ROOT / "app.py", *TEMPLATES.rglob("*")]
        if path.is_file()
    )
    unused = [
        name
        for template in TEMPLATES.rglob("*.html")
        if f'"{(name := template.relative_to(TEMPLATES).as_posix())}"' not in sources and f"'{name}'" not in sources
    ]
    assert unused == []


# What programs post without a session: reports of browsers, and the one click of RFC 8058, whose link is signed.
CARRIES_ITS_OWN = {"pages.csp_report", "notifications.unsubscribe_now"}


def test_every_route_that_changes_something_is_a_post_with_csrf(app: Flask) -> None:
    csrf = app.extensions["csrf"]
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
        assert methods <= {"GET", "POST"}, f"{rule} takes {methods}"
        if "POST" in methods and rule.endpoint.split(".")[0] != "api" and rule.endpoint not in CARRIES_ITS_OWN:
            view = app.view_functions[rule.endpoint]
            exempt = f"{view.__module__}.{view.__name__}" in csrf._exempt_views
            assert not exempt and rule.endpoint.split(".")[0] not in csrf._exempt_blueprints, (
                f"{rule} has no CSRF check"
            )


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert field.description, f"{name} has no line of help"
        assert f"`HINDSIGHT_{name.upper()}`" in page, f"HINDSIGHT_{name.upper()} is missing in docs/operations.md"


def test_every_command_is_documented(app: Flask) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name, command in app.cli.commands.items():
        names = [f"{name} {below}" for below in getattr(command, "commands", {})] or [name]
        for full in names:
            if not full.startswith(("run", "shell", "routes")) and not (
                full.startswith("db ") and full != "db upgrade"
            ):
                assert f"`{full}" in page, f"flask {full} is missing in docs/operations.md"


def test_no_module_is_too_long() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > 400} == {}, "split by what it owns"


def test_the_package_folder_is_closed() -> None:
    top = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert {"app.py", "requirements.txt", "blog", "templates", "static", "migrations", "tests"} <= top
    assert BLOG.is_dir()
