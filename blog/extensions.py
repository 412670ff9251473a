"""The extensions: made here once, started in `app.py`."""

from flask import has_request_context, request
from flask_compress import Compress
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect


def client_address() -> str:
    """The address a request came from; proxies count only as far as TRUSTED_PROXIES says. Empty outside a request."""
    return (request.remote_addr or "") if has_request_context() else ""


db = SQLAlchemy(session_options={"expire_on_commit": False})
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=client_address, headers_enabled=False)
compress = Compress()
