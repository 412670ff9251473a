"""Controlled names: tags, services, organisations, factors."""
