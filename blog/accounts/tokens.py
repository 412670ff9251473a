"""Secrets that a browser or a program carries: made here, and stored only as what their hash is."""

import hashlib
import secrets

TOKEN_BYTES = 32  # 256 bits: nobody guesses one, so a fast hash is enough


def new_token() -> str:
    """A fresh secret of 43 characters that are safe in a cookie or a header."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """SHA-256 of a token, in hex, as the tables hold it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
