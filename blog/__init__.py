"""Hindsight: a postmortem knowledge base."""
