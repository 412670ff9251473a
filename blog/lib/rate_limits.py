"""How many requests an address may make: counted by Flask-Limiter's storage, in memory or in Redis (decision 0008)."""

import logging
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from flask import Flask, current_app, g, request
from limits import RateLimitItem, parse_many

from blog.errors import TooMany
from blog.extensions import client_address, limiter
from blog.lib.addresses import network_of
from blog.lib.intake import is_own
from blog.settings import current_settings

log = logging.getLogger(__name__)

SEARCH_ENDPOINTS = {"search.results", "search.similar", "api.search"}  # each costs as much as ten pages
# Probes ask every few seconds, and one page asks for several files.
FREE_ENDPOINTS = {"static", "pages.favicon", "pages.health", "pages.ready"}
FREE_PATHS = {"/favicon.ico", "/healthz", "/readyz"}  # the same, beside /static/


@cache
def rates(setting: str) -> tuple[RateLimitItem, ...]:
    """The rates that a setting names, as `2/minute; 20/hour`, the longest span last."""
    return tuple(sorted(parse_many(setting), key=lambda rate: rate.get_expiry()))


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
            words = f"At most {limit} are answered. Please wait a moment."
            raise TooMany(words, retry_after_seconds=_seconds_until(reset_at))


def counter(app: Flask) -> Callable[[dict[str, Any]], bool]:
    """A function that counts a request, given by its WSGI environment, as `init_app` would: False when its address has
    reached a limit, so that Flask refuses it.
    """
    settings = app.extensions["hindsight_settings"]

    def is_free(environ: dict[str, Any]) -> bool:
        if not app.config["RATELIMIT_ENABLED"]:
            return True
        limits, network = rates(settings.request_rates), network_of(environ.get("REMOTE_ADDR", ""))
        try:
            return all(limiter.limiter.hit(limit, "address", network) for limit in limits)
        except Exception:
            log.exception("requests cannot be counted")
            return True

    return is_free


def waiter(app: Flask) -> Callable[[dict[str, Any]], int]:
    """A function that says for how many seconds the address of a request, given by its WSGI environment, is to wait: 0
    unless it has reached a limit. It counts nothing, so that those who ask too often cost next to nothing.
    """
    settings = app.extensions["hindsight_settings"]

    def seconds(environ: dict[str, Any]) -> int:
        path = environ.get("PATH_INFO", "")
        if not app.config["RATELIMIT_ENABLED"] or path in FREE_PATHS or path.startswith("/static/"):
            return 0
        network = network_of(environ.get("REMOTE_ADDR", ""))
        try:
            for limit in rates(settings.request_rates):
                if not limiter.limiter.test(limit, "address", network):
                    return _seconds_until(limiter.limiter.get_window_stats(limit, "address", network).reset_time)
        except Exception:
            log.exception("requests cannot be counted")
        return 0

    return seconds


def seconds_to_wait() -> int:
    """When a limit that a view set for itself (`@limiter.limit`) allows the next request."""
    broken = limiter.current_limit if current_app.config["RATELIMIT_ENABLED"] else None
    return _seconds_until(broken.reset_at) if broken else 60


def _seconds_until(reset_at: float) -> int:
    """Whole seconds until a window ends, rounded up, at least one."""
    return max(1, round(reset_at - time.time() + 0.5))


def _count() -> None:
    if request.endpoint in FREE_ENDPOINTS or g.get("is_counted") or is_own():
        return
    g.is_counted = True
    network = network_of(client_address())
    settings = current_settings()
    count(rates(settings.request_rates), "address", network)
    if request.endpoint in SEARCH_ENDPOINTS:
        count(rates(settings.search_rates), "search", network)
