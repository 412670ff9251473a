"""Promised actions, followed to their end."""
