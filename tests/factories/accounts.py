"""Rows of accounts that are made in numbers: people beside the cast."""

from itertools import count

from flask import Flask

from blog.accounts.models import Role, User
from tests.people import Person, join

_numbers = count(1)


def a_person(app: Flask, *, role: Role = Role.MEMBER) -> User:
    """Somebody new with this role."""
    return join(app, Person(f"Person {next(_numbers)}", role))
