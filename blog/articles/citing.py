"""How to cite a revision: as a sentence, as BibTeX, as CSL-JSON (docs.citationstyles.org)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from blog.articles.wording import day_words

# BibTeX counts braces wherever they stand, so that a lone one in a title would end the field, escaped or not.
_BIBTEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "_": r"\_",
})  # fmt: skip


@dataclass(frozen=True)
class Citation:
    """One published revision. `site_url` has no slash at its end; `authors` may be empty."""

    title: str
    authors: tuple[str, ...]
    site: str
    site_url: str
    slug: str
    number: int
    live_at: datetime
    language: str = "en"

    @property
    def address(self) -> str:
        return f"{self.site_url}/postmortems/{self.slug}/revisions/{self.number}"

    @property
    def key(self) -> str:
        """What a bibliography knows it by."""
        return f"{self.slug}-r{self.number}"

    @property
    def text(self) -> str:
        by = f"{', '.join(self.authors)}. " if self.authors else ""
        end = "" if self.title.endswith(("?", "!", ".")) else "."
        day = day_words(self.live_at.astimezone(UTC))
        return f"{by}“{self.title}{end}” {self.site}, revision {self.number}, {day}. {self.address}"

    @property
    def bibtex(self) -> str:
        """An entry that every style knows. Names stand in braces of their own: which part is the family name is not
        known here.
        """
        at = self.live_at.astimezone(UTC)
        fields = {
            "title": f"{{{_escaped(self.title)}}}",
            "author": " and ".join(f"{{{_escaped(name)}}}" for name in self.authors),
            "year": f"{at:%Y}",
            "month": f"{at:%m}".lstrip("0"),
            "howpublished": _escaped(self.site),
            "note": f"Revision {self.number}, {at:%Y-%m-%d}",
            "url": self.address,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{self.key},", *lines, "}"]) + "\n"

    @property
    def csl(self) -> list[dict[str, Any]]:
        at = self.live_at.astimezone(UTC)
        item: dict[str, Any] = {
            "id": self.key,
            "type": "webpage",
            "title": self.title,
            "container-title": self.site,
            "version": f"revision {self.number}",
            "issued": {"date-parts": [[at.year, at.month, at.day]]},
            "URL": self.address,
            "language": self.language,
        }
        if self.authors:
            item["author"] = [{"literal": name} for name in self.authors]
        return [item]

    @property
    def csl_json(self) -> str:
        return json.dumps(self.csl, ensure_ascii=False, indent=2) + "\n"


def _escaped(text: str) -> str:
    return " ".join(text.split()).translate(_BIBTEX)
