"""Hindsight: a postmortem knowledge base."""

__version__ = "0.1.0"  # also in pyproject.toml
