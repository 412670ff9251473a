"""How many requests an address may make: counted by Flask-Limiter's storage, in memory or in Redis (decision 0008)."""

import logging
import time
from collections.abc import Iterable

from flask import Flask, current_app, g, request
from limits import RateLimitItem, parse_many

from blog.errors import TooMany
from blog.extensions import client_address, limiter
from blog.lib.addresses import network_of

log = logging.getLogger(__name__)

AN_ADDRESS = tuple(parse_many("200/minute; 50/10 second"))
A_TOKEN = tuple(parse_many("60/minute; 5000/day"))
SEARCHES = tuple(parse_many("5/second"))  # beside the general ones: a search costs as much as ten pages
SEARCH_ENDPOINTS = {"search.results", "search.similar", "api.search"}
# Probes ask every few seconds, and one page asks for several files.
FREE_ENDPOINTS = {"static", "pages.favicon", "pages.health", "pages.ready"}


def init_app(app: Flask) -> None:
    """Count every request, also those for addresses that lead nowhere."""
    app.before_request(_count)


def count(limits: Iterable[RateLimitItem], *key: str) -> None:
    """Count one use by `key`, where rate limits are on. Raises `TooMany` when any of the limits is reached.

    A storage that does not answer lets requests pass: limits protect the site, they must not stop it.
    """
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    for limit in limits:
        try:
            is_free = limiter.limiter.hit(limit, *key)
            reset_at = 0.0 if is_free else limiter.limiter.get_window_stats(limit, *key).reset_time
        except Exception:
            log.exception("requests cannot be counted")
            return
        if not is_free:
            seconds = max(1, round(reset_at - time.time() + 0.5))
            raise TooMany(f"At most {limit} are answered. Please wait a moment.", retry_after_seconds=seconds)


def seconds_to_wait() -> int:
    """When a limit that a view set for itself (`@limiter.limit`) allows the next request."""
    broken = limiter.current_limit if current_app.config["RATELIMIT_ENABLED"] else None
    return max(1, round(broken.reset_at - time.time() + 0.5)) if broken else 60


def _count() -> None:
    if request.endpoint in FREE_ENDPOINTS or g.get("is_counted"):
        return
    g.is_counted = True
    network = network_of(client_address())
    count(AN_ADDRESS, "address", network)
    if request.endpoint in SEARCH_ENDPOINTS:
        count(SEARCHES, "search", network)
