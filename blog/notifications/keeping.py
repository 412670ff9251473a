"""How many notices are new, in the head of every page: a hole in pages that are kept."""

from flask import Flask

from blog.accounts.keeping import in_place
from blog.accounts.models import User
from blog.notifications.queries import MANY, count_new


def init_app(app: Flask) -> None:
    """Give templates `new_notices(user)`: `3`, or nothing."""
    app.jinja_env.globals["new_notices"] = _new_notices


def _new_notices(user: User) -> str:
    number = count_new(user.id)
    words = f"{MANY}+" if number > MANY else str(number or "")
    return in_place("notices", words)
