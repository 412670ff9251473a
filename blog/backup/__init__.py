"""Backups: one archive made while the site runs, read through before it is trusted, put back into an empty folder."""
