"""An import or export as an operator runs it, and what stands in the site after it."""

from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from blog.articles.models import Article
from blog.extensions import db
from blog.lib.database import Base


def run_import(app: Flask, path: Path | str, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["import", str(path), *options])


def run_export(app: Flask, path: Path | str, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["export", str(path), *options])


def rows_in(app: Flask) -> dict[str, int]:
    """Table -> how many rows it holds."""
    with app.app_context():
        return {
            name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def articles_in(app: Flask) -> dict[str, Article]:
    with app.app_context():
        return {row.slug: row for row in db.session.scalars(select(Article))}


def rows_of(app: Flask, model: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model).order_by(model.id)))
