"""Who may import whom. The two lists below are the definition; the rest of the file holds the code to them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOG = ROOT / "blog"

# Roles, low to high: a module imports its own role or lower ones, never a higher. Stems of one line are one role.
ROLES: list[set[str]] = [
    {"lib", "settings", "extensions", "errors"},
    {"models", "vocabulary", "document", "plain_text", "lifecycle", "rendering", "reactions", "names", "time_bar",
     "wording", "comparing", "citing", "lines", "outlines", "findings", "checks", "language", "engine", "engines",
     "snippets", "drawing", "tokens"},
    {"policy"},
    {"queries", "listing", "versions"},
    {"changes", "writing", "proposing", "reviewing", "publishing", "scheduling", "remarking", "projections",
     "rebuilding", "importing", "addresses", "merging", "sessions", "administering", "throttle", "retrying"},
    {"forms", "access", "keeping", "reading", "since", "review_reading", "talk_reading", "browsing", "filters",
     "bearer"},
    {"views", "api", "jobs", "commands", "worker", "worker_thread", "worker_process", "worker_child"},
]  # fmt: skip

# Features, low to high. Models, queries and changes look only at their own and lower features (one line is one level);
# edges may use any feature's queries, changes and forms, never another feature's edge.
FEATURES: list[set[str]] = [
    {"journal"},
    {"accounts"},
    {"taxonomy", "media"},
    {"articles"},
    {"checks"},
    {"editor"},
    {"followups", "comments"},
    {"moderation"},
    {"search", "insights", "notifications", "feeds", "transfer", "backup"},
    {"api", "pages", "seeds", "my_data"},
]
EDGES = ROLES[-1]
# Roles that may be split by noun: `waiver_changes` has the role of `changes`.
SPLIT = {"models", "checks", "views", "api", "forms", "changes", "queries", "jobs"}

# Names a feature's files may have, beside the ones every feature shares; a new name is a decision, not an accident.
OWN_NAMES = {
    "backup": "",  # one step of making, checking and restoring per file
    "my_data": "",  # what tables hold of a person, and the archive of it
    "feeds": "feed_",  # the neutral list, and one writer a format
    "pages": "site_map",
    "search": "whoosh_",  # the parts of the embedded engine
    "transfer": "",  # one reader per format
}
EVERYWHERE = {"lib", "settings", "extensions", "errors", "policy"}


def modules() -> list[Path]:
    return sorted(path for path in BLOG.rglob("*.py") if path.name != "__init__.py")


def feature_of(module: str) -> str | None:
    """`blog.articles.queries` -> articles; None for what stands above or below the features."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and any(parts[1] in level for level in FEATURES) else None


def role_of(module: str) -> int:
    """The height of a module's role (a file `<verb>_views.py` has that of views); -1 for a package or unknown name."""
    parts = module.split(".")
    if len(parts) > 1 and parts[1] in EVERYWHERE - {"policy"}:
        return 0
    if module == "blog.policy":
        return 2
    stem = parts[-1]
    for height, stems in enumerate(ROLES):
        if stem in stems or stem.rpartition("_")[2] in stems & SPLIT:
            return height
    return -1


def level_of(feature: str) -> int:
    return next(height for height, level in enumerate(FEATURES) if feature in level)


def imports_of(path: Path) -> set[str]:
    """Every module of ours that a file imports, as `blog.x.y`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("blog")}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("blog"):
            for alias in node.names:
                below = BLOG.parent / Path(*node.module.split("."), alias.name)
                is_module = below.with_suffix(".py").exists() or below.is_dir()
                found.add(f"{node.module}.{alias.name}" if is_module else node.module)
    return found


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    own = name_of(path)
    for imported in imports_of(path):
        complaint = _complaint(own, imported)
        assert not complaint, f"{own} imports {imported}: {complaint}"


def _complaint(own: str, imported: str) -> str:
    own_role, their_role = role_of(own), role_of(imported)
    own_feature, their_feature = feature_of(own), feature_of(imported)
    if own.split(".")[1] == "lib":
        return "" if their_role == 0 else "lib knows no feature"
    if own_role >= 0 and their_role > own_role:
        return "its role is higher"
    if own_feature and their_feature and own_feature != their_feature:
        is_edge = own_role == len(ROLES) - 1
        if is_edge and their_role == len(ROLES) - 1 and their_feature != "journal" and own_feature != "api":
            return "an edge never uses another feature's edge"
        if not is_edge and level_of(their_feature) >= level_of(own_feature):
            return "its feature is not lower"
    return ""


def test_every_file_of_a_feature_has_a_known_role() -> None:
    unknown = []
    for path in modules():
        module, feature = name_of(path), feature_of(name_of(path))
        if feature and role_of(module) < 0:
            allowed = OWN_NAMES.get(feature)
            if allowed is None or not path.stem.startswith(allowed):
                unknown.append(module)
    assert unknown == [], "give these files a role in ROLES, or a name the house has"


def test_the_rules_see_a_breach() -> None:
    assert _complaint("blog.articles.models", "blog.articles.views") == "its role is higher"
    assert _complaint("blog.articles.queries", "blog.comments.models") == "its feature is not lower"
    assert _complaint("blog.comments.views", "blog.articles.views") == "an edge never uses another feature's edge"
    assert _complaint("blog.lib.text", "blog.articles.models") == "lib knows no feature"
    assert not _complaint("blog.comments.changes", "blog.articles.models")
