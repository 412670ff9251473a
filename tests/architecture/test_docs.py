"""What the documents show is what the program reads."""

import re

from blog.articles.plain_text import from_text
from tests.architecture.test_imports import ROOT

DOCS = ROOT / "docs"


def test_the_example_of_the_format_is_a_document() -> None:
    page = (DOCS / "document-format.md").read_text(encoding="utf-8")
    example = re.search(r"```markdown\n(.*?)```", page, re.DOTALL)
    assert example is not None
    document = from_text(example[1])
    assert document.order_faults() == []
    assert all(getattr(document, name) for name in type(document).model_fields)


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links {target}"


def test_every_decision_has_its_parts() -> None:
    for record in sorted((DOCS / "decisions").glob("*.md")):
        text = record.read_text(encoding="utf-8")
        assert re.match(rf"# {record.name[:4]} ", text), record.name
        assert "Status:" in text, record.name
