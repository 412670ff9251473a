"""Static files: held in memory under an address that holds their hash, each compressed once for each way to read it."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import brotli
from flask import Flask, Response, abort, request

YEAR_SECONDS = 31_536_000
# Each joins the stylesheets of one folder: what every page has, app.css first, what only the editors' desk has, and
# what pages have that few readers open.
STYLESHEETS = {"site.css": "css/", "desk.css": "css/desk/", "members.css": "css/members/"}
MIN_SIZE = 500  # bytes; what is smaller grows when it is compressed
ENCODINGS = ("br", "gzip")  # the best first
TYPES = {".ico": "image/x-icon", ".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/json"}


@dataclass
class StaticFiles:
    """The files of a folder by name, as the process found them when it started."""

    files: dict[str, bytes]
    version: str  # changes when any of them does
    _packed: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def address(self, name: str) -> str:
        """Where a browser gets the file: under a hash of them all, so that it is kept for a year and relative imports
        between scripts keep working.
        """
        return f"/static/{self.version}/{name}"

    def answer(self, name: str) -> Response:
        """The file, as small as the browser can read it. 404 for a name that is none of ours."""
        content = self.files.get(name)
        if content is None:
            abort(404)
        kind = content_type(name)
        response = Response(content, content_type=kind)
        encoding = max(ENCODINGS, key=request.accept_encodings.quality)
        if request.accept_encodings.quality(encoding) > 0 and len(content) >= MIN_SIZE and _is_worth_packing(kind):
            response.set_data(self._pack(name, encoding))
            response.headers["Content-Encoding"] = encoding
        response.vary.add("Accept-Encoding")
        response.set_etag(f"{self.version}-{hashlib.sha256(name.encode()).hexdigest()[:8]}", weak=True)
        return response

    def _pack(self, name: str, encoding: str) -> bytes:
        with self._lock:
            if (name, encoding) not in self._packed:
                content = self.files[name]
                packed = (
                    brotli.compress(content, quality=11) if encoding == "br" else gzip.compress(content, 9, mtime=0)
                )
                self._packed[(name, encoding)] = packed
            return self._packed[(name, encoding)]


def init_app(app: Flask) -> StaticFiles:
    """Read the folder `static` and serve it; templates get `static_url(name)`."""
    found = read_folder(Path(app.root_path) / "static")
    app.jinja_env.globals["static_url"] = found.address

    def static(version: str, filename: str) -> Response:
        response = found.answer(filename)
        is_current = version == found.version  # an old page may ask by an old hash: it gets today's file, kept shortly
        response.headers["Cache-Control"] = (
            f"public, max-age={YEAR_SECONDS}, immutable" if is_current else "public, max-age=60"
        )
        return response.make_conditional(request)  # type: ignore[return-value]

    app.add_url_rule("/static/<version>/<path:filename>", "static", static, methods=["GET"])
    return found


def read_folder(folder: Path) -> StaticFiles:
    """Every file below the folder by its relative name, and the joined stylesheets."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    files |= {name: _joined(files, folder) for name, folder in STYLESHEETS.items()}
    tree = hashlib.sha256()
    for name, content in sorted(files.items()):
        tree.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return StaticFiles(files, tree.hexdigest()[:12])


def _joined(files: dict[str, bytes], folder: str) -> bytes:
    sheets = (name for name in files if name.rpartition("/")[0] + "/" == folder and name.endswith(".css"))
    ordered = sorted(sheets, key=lambda name: (name != "css/app.css", name))
    return _without_comments(b"\n".join(files[name] for name in ordered))


def _without_comments(css: bytes) -> bytes:
    """Also without indents and empty lines; no string in our stylesheets holds a comment mark or a newline."""
    return re.sub(rb"\s*\n\s*", b"\n", re.sub(rb"/\*.*?\*/", b"", css, flags=re.DOTALL))


def content_type(name: str) -> str:
    """By the ending of the name, with the charset where it is text."""
    kind = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("image/svg+xml", "application/json")
    return f"{kind}; charset=utf-8" if is_text else kind


def _is_worth_packing(kind: str) -> bool:
    return "charset" in kind or kind == "image/x-icon"
