"""What programs ask that watch over the site: does it live, can it serve, and its numbers."""

import hmac
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, request

import blog
from blog.errors import NotFound
from blog.lib import metrics
from blog.lib.intake import is_own
from blog.pages.readiness_queries import Looker, site_figures
from blog.pages.views import blueprint
from blog.settings import current_settings

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
HELP = {
    "jobs_waiting": "Jobs that wait to be done",
    "jobs_given_up": "Jobs that failed too often and wait for an admin",
    "queue_age_seconds": "For how long the oldest job that is due waits",
    "index_lag_seconds": "For how long the oldest change waits to be found by a search",
    "disk_free_bytes": "Space left for the data",
}


@blueprint.get("/healthz")
def health() -> Response:
    """The process answers; nothing else is asked, so that a slow database does not get it killed."""
    return _uncached(jsonify({"status": "ok"}))


@blueprint.get("/readyz")
def ready() -> Response:
    """Whether the site can serve: 503 when no page can be shown; 200 and `degraded` when only some things cannot."""
    looker: Looker = current_app.extensions.setdefault("hindsight_looker", Looker())
    found = looker.readiness()
    content = {"status": found.status, "checks": dict(found.checks), "figures": dict(found.figures)}
    if found.figures:
        content["jobs"] = {
            "waiting": found.figures["jobs_waiting"],
            "failed": found.figures["jobs_given_up"],
        }
    response = _uncached(jsonify(content))
    response.status_code = 200 if found.can_serve else 503
    return response


@blueprint.get("/metrics")
def numbers() -> Response:
    """The numbers, for whoever has the token; for everybody else there is nothing here."""
    token = current_settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound
    return _uncached(Response(metrics.exposition([_Site()]), content_type=TEXT_FORMAT))


@blueprint.record_once
def count_requests(state: Any) -> None:
    """Count what Flask answers, where anybody wants to know."""
    app: Flask = state.app
    if not app.extensions["hindsight_settings"].metrics_token or os.environ.get("FLASK_RUN_FROM_CLI"):
        return
    metrics.start(app.extensions["hindsight_settings"].data_dir)
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request(_note)
    app.teardown_request(_end)


def _begin() -> None:
    if not is_own():
        g.is_in_progress = True
        metrics.request_began()


def _note(response: Response) -> Response:
    if is_own():
        return response
    began = g.get("started_at")
    metrics.count_request(
        route=request.endpoint or "none",
        method=request.method,
        status=response.status_code,
        seconds=time.perf_counter() - began if began is not None else None,
    )
    return response


def _end(_error: BaseException | None) -> None:
    if g.pop("is_in_progress", False):
        metrics.request_ended()


class _Site:
    """What is found out when somebody asks: queue, index, disk, and the memory of every process."""

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        yield InfoMetricFamily("hindsight", "The program", {"version": blog.__version__})
        for name, value in site_figures().items():
            yield GaugeMetricFamily(f"hindsight_{name}", HELP[name], value=value)
        memory = GaugeMetricFamily("hindsight_process_memory_bytes", "Resident memory", labels=("pid",))
        for pid in sorted(metrics.living_process_ids()):
            memory.add_metric([str(pid)], _resident_bytes(pid))
        yield memory


def _resident_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
