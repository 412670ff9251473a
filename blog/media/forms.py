"""What the form of a picture sends, as typed."""

from dataclasses import dataclass
from typing import Self

from flask import Request

from blog.errors import HindsightError, Invalid


@dataclass(frozen=True)
class PictureInput:
    """`content` is the file; `problem` why it was refused, where it was. A browser never fills a file in again."""

    content: bytes = b""
    alt: str = ""
    problem: HindsightError | None = None

    @classmethod
    def read(cls, request: Request) -> Self:
        """From a sent form; absent fields are empty."""
        file = request.files.get("image")
        return cls(file.read() if file else b"", request.form.get("alt", ""))

    def faults(self, path: str) -> list[str]:
        return self.problem.at(path) if isinstance(self.problem, Invalid) else []

    @property
    def trouble(self) -> str:
        """What is wrong with none of the fields."""
        return "" if self.problem is None or isinstance(self.problem, Invalid) else self.problem.message
