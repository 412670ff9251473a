"""The yardsticks: a bare Flask app that answers what costs nothing to make, on the same server as the site."""

from flask import Flask, Response

READY = (b"<p>" + b"ready " * 20 + b"</p>\n") * 240
READY = READY[: 30 * 1024]
HELLO = b"hello"


def create_app() -> Flask:
    """`/hello` answers five bytes, `/bytes` 30 KB of ready bytes; no extension, no hook, no session."""
    app = Flask(__name__, static_folder=None)

    @app.get("/hello")
    def hello() -> Response:
        return Response(HELLO, content_type="text/plain")

    @app.get("/bytes")
    def ready_bytes() -> Response:
        return Response(READY, content_type="text/html; charset=utf-8")

    return app
