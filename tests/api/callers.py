"""Programs that call the JSON API in tests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask

from blog.accounts import token_changes
from blog.accounts.models import ApiToken, User
from blog.extensions import db
from blog.lib.database import writing
from tests.people import Person, join

DOCUMENT = {
    "title": "The queue stopped again",
    "summary": "Disk full, second time.",
    "body": "The log was rotated, but to the same disk.",
    "tags": ["queues"],
    "timeline": [{"at": "2026-02-01T10:00:00Z", "text": "The disk fills."}],
}


@dataclass
class Program:
    """A program with a token, on an application. `get` and `post` send it; `token_id` is the row."""

    app: Flask
    secret: str
    token_id: int
    owner: User

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.app.test_client().get(f"/api/v1{path}", headers=self.headers, **kwargs)

    def post(self, path: str, json: Any, **kwargs: Any) -> Any:
        return self.app.test_client().post(f"/api/v1{path}", headers=self.headers, json=json, **kwargs)

    def set_token(self, **columns: Any) -> None:
        with self.app.app_context(), writing(db.session):
            token = db.session.get_one(ApiToken, self.token_id)
            for name, value in columns.items():
                setattr(token, name, value)

    def token(self) -> ApiToken:
        with self.app.app_context():
            return db.session.get_one(ApiToken, self.token_id)


def a_program(
    app: Flask, owner: Person, *scopes: str, name: str = "night bot", days: int = 30, model: str = ""
) -> Program:
    """A program of this person with these scopes."""
    user = join(app, owner)
    with app.app_context(), writing(db.session):
        token, secret = token_changes.create_token(owner=user, name=name, scopes=scopes, days=days, model=model)
    return Program(app, secret, token.id, user)


SECOND = timedelta(seconds=1)
