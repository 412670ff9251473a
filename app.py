"""create_app: the only file that knows every part. `flask --app app`, or any WSGI server on `app:create_app()`."""

import gc
import os
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from blog.accounts import access, keeping, reset_views
from blog.accounts import views as account_views
from blog.api import page_views as api_page_views
from blog.api import views as api_views
from blog.articles import citing_views, filters, history_views, visit_views
from blog.articles import views as article_views
from blog.checks import link_jobs
from blog.comments import anchor_views, edit_views, hold_views, mark_views, rule_views, standing_views
from blog.comments import views as comment_views
from blog.comments import visit_views as thread_visit_views
from blog.editor import (
    address_views,
    check_views,
    desk_views,
    draft_views,
    publish_views,
    remark_views,
    restore_views,
    review_views,
    text_views,
    verdict_views,
    working_copy_jobs,
    working_copy_views,
)
from blog.editor import jobs as editor_jobs
from blog.extensions import compress, csrf, db, limiter, login_manager
from blog.feeds import views as feed_views
from blog.followups import jobs as followup_jobs
from blog.followups import views as action_views
from blog.journal import event_views
from blog.journal import jobs as journal_jobs
from blog.journal import views as journal_views
from blog.journal.versions import VersionCheck
from blog.journal.worker import Worker
from blog.journal.worker_process import WorkerProcess
from blog.journal.worker_thread import WorkerThread
from blog.lib import conditional, database, logs, metrics, processes, rate_limits, shared_counts, start_checks, web
from blog.lib.admission import Admission
from blog.lib.kept_pages import BROTLI_WINDOW, PageShelf
from blog.lib.once import new_key
from blog.lib.read_path import ReadPath
from blog.lib.stopping import Stopping
from blog.lib.write_ahead import put_away
from blog.media import views as media_views
from blog.moderation import act_views, appeal_views, flag_views, suspension_views
from blog.moderation import views as moderation_views
from blog.my_data import jobs as my_data_jobs
from blog.notifications import jobs as notification_jobs
from blog.notifications import keeping as notice_keeping
from blog.notifications import mail_jobs, mail_views, match_jobs
from blog.notifications import views as notification_views
from blog.pages import probe_views
from blog.pages import views as page_views
from blog.pages.ahead_jobs import PagesAhead
from blog.search import engines as search_engines
from blog.search import jobs as search_jobs
from blog.search import views as search_views
from blog.settings import Settings, load_settings

COMPRESSED = [
    "text/html", "text/css", "text/plain", "text/javascript", "application/xml", "application/atom+xml",
    "application/json", "application/feed+json", "application/schema+json", "application/problem+json",
]  # fmt: skip


def create_app(settings: Settings | dict[str, Any] | None = None) -> Flask:
    """The whole site. `settings` replaces what the environment says: a `Settings`, or a mapping of setting names."""
    os.umask(0o077)  # what the site writes is for its own user alone: database, index, secret, exports
    chosen = load_settings(settings)
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(_flask_config(chosen))
    app.extensions["hindsight_settings"] = chosen
    logs.start(chosen.log_level)
    web.init_app(app, is_https=chosen.is_https)
    _start_extensions(app, chosen)
    _register_parts(app)
    is_served = settings is None and not _is_command()
    if not is_served:
        _register_commands(app)
    app.wsgi_app = app.extensions["hindsight_admission"] = Admission(  # type: ignore[method-assign]
        app.wsgi_app,
        max_body=app.config["MAX_CONTENT_LENGTH"],
        is_https=chosen.is_https,
        wait_of=rate_limits.waiter(app),
        larger={"/editor/images": app.config["MAX_PICTURE_LENGTH"]},
    )
    app.wsgi_app = read_path = _read_path(app, chosen)  # type: ignore[method-assign]
    app.extensions["hindsight_pages_ahead"] = PagesAhead(app, read_path)
    if chosen.trusted_proxies:
        hops = chosen.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _start(app, chosen, is_served=is_served)
    return app


def create_worker() -> Worker:
    """What runs the jobs of the site: for the process that does nothing else."""
    worker: Worker = create_app().extensions["hindsight_worker"]
    return worker


def _read_path(app: Flask, settings: Settings) -> ReadPath:
    with app.app_context():
        edition, engine = conditional.edition(), db.engine
    return ReadPath(
        app.wsgi_app,
        cookie_name=app.config["SESSION_COOKIE_NAME"],
        shelf=PageShelf(settings.data_dir / "pages.sqlite3", edition=edition),
        site_url=settings.site_url,
        are_current=VersionCheck(engine).are_current,
        is_free=rate_limits.counter(app),
        note=logs.note_kept,
        count=metrics.count_kept_page,
        new_key=partial(new_key, settings.secret_key),
    )


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": [key for key in settings.secret_key_fallbacks.split(",") if key],
        # What is written stays out of what failures say: that goes to the log, and to the table of jobs.
        "SQLALCHEMY_ENGINES": {"default": {"url": settings.database_address, "hide_parameters": True}},
        "ALEMBIC": {"script_location": "migrations", "version_locations": ["migrations/versions"]},
        "TRUSTED_HOSTS": settings.hosts,
        "MAX_CONTENT_LENGTH": settings.max_request_bytes,
        "MAX_PICTURE_LENGTH": settings.max_image_bytes + 64 * 1024,  # with the other fields of its form
        "MAX_FORM_MEMORY_SIZE": 300 * 1_000,  # views marked `large_form` take up to MAX_CONTENT_LENGTH
        "MAX_FORM_PARTS": 100,
        "SESSION_COOKIE_NAME": "__Host-hindsight" if settings.is_https else "hindsight",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "SESSION_REFRESH_EACH_REQUEST": False,  # it would be sent with files that caches keep; sessions end anyway
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a long draft must not fail when it is sent
        "WTF_CSRF_SSL_STRICT": False,  # `web` checks Sec-Fetch-Site and Origin for every scheme
        "RATELIMIT_ENABLED": settings.rate_limits,
        "RATELIMIT_STORAGE_URI": settings.redis_url
        or shared_counts.address_of(settings.data_dir, secret=settings.secret_key),
        "RATELIMIT_STRATEGY": "fixed-window",
        "COMPRESS_MIN_SIZE": 500,
        "COMPRESS_BR_LEVEL": 1,  # of pages made for one request; at 5 they are a sixth smaller and cost 1 ms more
        "COMPRESS_LEVEL": 1,
        "COMPRESS_BR_WINDOW": BROTLI_WINDOW,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_STREAMS": False,  # it would hold the request open for as long as somebody reads, or does not
        "COMPRESS_MIMETYPES": COMPRESSED,
    }


def _start_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    _leave_out_async_sessions(app)
    with app.app_context():
        database.prepare_engine(db.engine)
    csrf.init_app(app)
    login_manager.init_app(app, add_context_processor=False)  # `access` has one that bears a failing database
    limiter.init_app(app)
    compress.init_app(app)


def _leave_out_async_sessions(app: Flask) -> None:
    """The extension closes sessions of asyncio at the end of every request, in a thread it starts for that. The site
    has none, and the thread costs more than the rest of a small answer.
    """
    closing = [function for function in app.teardown_appcontext_funcs if function.__name__ == "_close_async_sessions"]
    for function in closing:
        app.teardown_appcontext_funcs.remove(function)


# They add theirs to a blueprint of their feature when imported.
ADDED_PAGES = (
    mail_views,
    reset_views,
    address_views,
    check_views,
    citing_views,
    history_views,
    restore_views,
    text_views,
    review_views,
    verdict_views,
    visit_views,
    mark_views,
    edit_views,
    anchor_views,
    standing_views,
    thread_visit_views,
    publish_views,
    remark_views,
    probe_views,
    event_views,
    working_copy_views,
    draft_views,
    act_views,
    appeal_views,
    flag_views,
    suspension_views,
)
BLUEPRINTS: tuple[Blueprint, ...] = (
    account_views.blueprint,
    article_views.bp,
    desk_views.editor,
    media_views.blueprint,
    action_views.blueprint,
    comment_views.blueprint,
    hold_views.blueprint,
    rule_views.blueprint,
    moderation_views.blueprint,
    feed_views.blueprint,
    notification_views.blueprint,
    page_views.blueprint,
    journal_views.blueprint,
    search_views.blueprint,
    api_views.blueprint,
    api_page_views.blueprint,
)
HANDLERS = {
    **editor_jobs.HANDLERS,
    **link_jobs.HANDLERS,
    **followup_jobs.HANDLERS,
    **search_jobs.HANDLERS,
    **mail_jobs.HANDLERS,
    **notification_jobs.HANDLERS,
    **match_jobs.HANDLERS,
    **my_data_jobs.HANDLERS,
}
CHORES = (
    journal_jobs.release_dead,
    journal_jobs.gather_statistics,
    search_jobs.ensure_index,
    search_jobs.tidy_index,
    journal_jobs.forget_answers,
    mail_jobs.forget_messages,
    working_copy_jobs.forget_discarded,
    journal_jobs.tell_head,
    processes.give_back_memory,
)


def _register_parts(app: Flask) -> None:
    """Blueprints, commands and job handlers of every feature."""
    access.init_app(app)
    keeping.init_app(app)
    notice_keeping.init_app(app)
    filters.init_app(app)
    search_engines.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.extensions["hindsight_checks"]["search"] = search_jobs.is_readable


def _register_commands(app: Flask) -> None:
    """Imported here: what only commands need would be a seventh of the memory of a process that serves."""
    from blog.accounts.commands import user_commands
    from blog.api.commands import token_commands
    from blog.articles.commands import article_commands
    from blog.backup.commands import backup_commands
    from blog.comments.commands import comment_commands
    from blog.journal.commands import journal_commands, worker_command
    from blog.lib import migrating
    from blog.media.commands import picture_commands
    from blog.notifications.commands import mail_commands
    from blog.pages.commands import page_commands
    from blog.search.commands import search_commands
    from blog.seeds.commands import seed_command
    from blog.transfer.commands import export_command, import_command

    migrating.init_app(app)
    for command in (
        worker_command, journal_commands, user_commands, article_commands, comment_commands, import_command,
        export_command, search_commands, token_commands, backup_commands, picture_commands, mail_commands,
        seed_command, page_commands,
    ):  # fmt: skip
        app.cli.add_command(command)


def _is_command() -> bool:
    return bool(os.environ.get("FLASK_RUN_FROM_CLI"))


def _start(app: Flask, settings: Settings, *, is_served: bool) -> None:
    """Jobs run in a process beside those of a server, or in a thread of each; commands run them on request. A process
    that serves does not start on a wrong footing, and stops in order.
    """
    if is_served:
        start_checks.require_fit(app, settings)
    worker = app.extensions["hindsight_worker"] = Worker(app, HANDLERS, CHORES)
    if settings.worker != "thread":  # it is in a process beside those that serve
        worker.spare = app.extensions["hindsight_pages_ahead"].spend_moment
    is_beside = settings.worker == "process" and is_served
    runs: WorkerProcess | WorkerThread = WorkerThread(worker)
    if is_beside:
        runs = WorkerProcess(f"{__name__}:create_worker", root=Path(app.root_path), folder=settings.data_dir)
    app.extensions["hindsight_checks"]["worker"] = runs.problem
    if is_beside or (settings.worker == "thread" and not _is_command()):
        app.before_request(runs.ensure_running)  # also in a process that the server forked after `create_app`
        runs.ensure_running()
    if is_served:
        gc.collect()
        gc.freeze()  # what stands now stands as long as the process: it need not be looked through again and again
    if is_served and threading.current_thread() is threading.main_thread():
        stopping = app.extensions["hindsight_stopping"] = Stopping(
            begin=runs.stop_soon, finish=partial(_finish, app, runs)
        )
        stopping.watch()


def _finish(app: Flask, runs: WorkerProcess | WorkerThread) -> None:
    """The jobs first: what they write last belongs into the file of the database, too."""
    runs.finish()
    with app.app_context():
        put_away(db.engine)
