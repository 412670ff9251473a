"""Whoosh's BM25F with the lengths of the texts in memory, and its formula in one step."""

from array import array
from typing import Any

from whoosh.scoring import BM25F, BM25FScorer


class Weighting(BM25F):  # type: ignore[misc]  # whoosh has no types
    """Scores as BM25F does. Whoosh asks four objects and a file for each length, which is half of a search."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: dict[Any, array[int]] = {}  # by segment reader

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> Any:
        lengths = self.lengths.get(searcher.reader())
        if fieldname != "text" or lengths is None:
            return super().scorer(searcher, fieldname, text, qf=qf)
        return _TextScorer(searcher, text, slope=self.B, k1=self.K1, lengths=lengths)


class _TextScorer(BM25FScorer):  # type: ignore[misc]
    def __init__(self, searcher: Any, text: bytes, *, slope: float, k1: float, lengths: "array[int]") -> None:
        super().__init__(searcher, "text", text, slope, k1)
        self.dfl = lengths.__getitem__
        self._lengths = lengths
        self._most = self.idf * (k1 + 1)
        self._base = k1 * (1 - slope)
        self._slope = k1 * slope / self.avgfl

    def score(self, matcher: Any) -> float:
        return self.of(matcher.weight(), matcher.id())

    def of(self, weight: float, doc: int) -> float:
        """The score of a document that holds the term with this weight."""
        return float(self._most * weight / (weight + self._base + self._slope * self._lengths[doc]))
