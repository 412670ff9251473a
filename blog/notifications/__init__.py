"""Follows, notices on the site, and mail."""
