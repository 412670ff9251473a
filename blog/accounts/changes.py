"""Changes of accounts by the people themselves and by the operator: making one, its name, text and password."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy.exc import IntegrityError

from blog.accounts import queries, sessions, token_changes
from blog.accounts.models import Role, User
from blog.accounts.names import (
    MAX_NAME,
    BadName,
    clean_email,
    clean_name,
    is_reserved,
    key_of_email,
    key_of_name,
)
from blog.errors import Conflict, Fault, Invalid
from blog.extensions import db
from blog.journal import changes as journal
from blog.lib import clock, passwords
from blog.lib.text import clean_text

MAX_ABOUT = 2_000  # a paragraph about oneself
TRUSTED = frozenset(Role) - {Role.MEMBER}  # may change what others read, so their passwords are longer
NAME_TAKEN = "This name, or one that looks like it, is taken. Choose another."
EMAIL_TAKEN = "There is an account with this address already. Sign in instead."


@dataclass(frozen=True)
class NewAccount:
    """An account that was checked and can be written. The slow hash was made before the transaction."""

    name: str
    email: str
    role: Role
    password_hash: str | None


def prepare_registration(*, name: str, email: str, password: str) -> NewAccount:
    """Check what somebody typed to register, and hash the password. Call it outside a transaction.

    Raises `Invalid` with a fault for each of `name`, `email`, `password` that cannot be used.
    """
    faults = [*_faults_of_new(name, email), *_password_faults(password, name=name, email=email)]
    if not any(fault.path == "name" for fault in faults) and is_reserved(name, more=(_site_name(),)):
        faults.append(Fault("name", "This name is kept for the site itself. Choose another."))
    return _hashed(faults, name=name, email=email, password=password, role=Role.MEMBER)


def prepare_account(*, name: str, email: str, password: str | None, role: Role) -> NewAccount:
    """The same for the operator: names of the site are free, and the longer minimum of trusted roles is not asked.

    With `password` None the account waits for one. Raises `Invalid`.
    """
    faults = _faults_of_new(name, email)
    if password is not None:
        faults += _password_faults(password, name=name, email=email)
    return _hashed(faults, name=name, email=email, password=password, role=role)


def register(account: NewAccount) -> User:
    """Write the account somebody made for themselves. Raises `Invalid` if name or address was taken meanwhile."""
    user = _write(account)
    journal.record("account.registered", subject=user, actor=user)
    return user


def create_account(account: NewAccount) -> User:
    """Write an account the operator makes. Raises `Invalid` if name or address was taken meanwhile."""
    user = _write(account)
    journal.record("account.created", subject=user, data={"role": str(account.role)})
    return user


def person_for_import(*, name: str, email: str, role: Role = Role.MEMBER) -> User:
    """The person with this address, or a new one without a password. A person who is here keeps name and role.

    A taken name gets a number. Raises `Invalid` for an address or a name that cannot be one.
    """
    known = queries.person_by_email(email)
    if known is not None:
        return known
    faults = _faults_of_new(name, email, is_name_free=True)
    _refuse(faults, name=name)
    user = _write(
        NewAccount(name=_free_name(clean_name(name)), email=clean_email(email), role=role, password_hash=None)
    )
    journal.record("account.imported", subject=user, data={"role": str(role)})
    return user


def change_profile(*, actor: User, name: str, about: str) -> None:
    """Change one's own name and text. Raises `Invalid` with the paths `name` and `about`."""
    faults, cleaned, text = [], actor.name, actor.about
    try:
        cleaned = clean_name(name)
        if cleaned != actor.name and is_reserved(cleaned, more=(_site_name(),)):
            faults.append(Fault("name", "This name is kept for the site itself. Choose another."))
        elif queries.is_name_taken(cleaned, by_other_than=actor.id):
            faults.append(Fault("name", NAME_TAKEN))
    except BadName as error:
        faults.append(Fault("name", str(error)))
    try:
        text = clean_text(about).strip()
        if len(text) > MAX_ABOUT:
            faults.append(Fault("about", f"Use at most {MAX_ABOUT:,} characters; this text has {len(text):,}."))
    except ValueError as error:
        faults.append(Fault("about", str(error)))
    _refuse(faults, name=name, about=about)
    changed = [field for field, new in (("name", cleaned), ("about", text)) if getattr(actor, field) != new]
    if changed:
        actor.name, actor.name_key, actor.about = cleaned, key_of_name(cleaned), text
        db.session.flush()
        journal.record("account.profile_changed", subject=actor, actor=actor, data={"fields": changed})


def prepare_password(*, user: User, password: str, is_operator: bool = False) -> str:
    """Check a new password for this person and hash it, outside a transaction. Raises `Invalid` (`password`)."""
    is_trusted = user.role in TRUSTED and not is_operator
    faults = _password_faults(password, name=user.name, email=user.email, is_trusted=is_trusted)
    if faults:
        raise Invalid(faults)
    return passwords.hash_password(password)


def change_password(*, actor: User, checked_hash: str | None, password_hash: str, kept_session_id: int | None) -> None:
    """Replace one's own password; other sessions and all tokens end. `checked_hash` is the hash the old one matched."""
    if actor.password_hash != checked_hash:
        raise Conflict("Your password was changed elsewhere meanwhile.")
    actor.password_hash = password_hash
    sessions.end_all(actor, but=kept_session_id)
    token_changes.end_tokens_of(owner=actor, actor=actor)
    journal.record("account.password_changed", subject=actor, actor=actor)


def set_password(*, user: User, password_hash: str) -> None:
    """Set a person's password for the operator; every session and every token ends."""
    user.password_hash = password_hash
    sessions.end_all(user)
    token_changes.end_tokens_of(owner=user, actor=None)
    journal.record("account.password_changed", subject=user)


def _faults_of_new(name: str, email: str, *, is_name_free: bool = False) -> list[Fault]:
    faults = []
    try:
        cleaned = clean_name(name)
        if not is_name_free and queries.is_name_taken(cleaned):
            faults.append(Fault("name", NAME_TAKEN))
    except BadName as error:
        faults.append(Fault("name", str(error)))
    try:
        if queries.person_by_email(clean_email(email)) is not None:
            faults.append(Fault("email", EMAIL_TAKEN))
    except BadName as error:
        faults.append(Fault("email", str(error)))
    return faults


def _password_faults(password: str, *, name: str, email: str, is_trusted: bool = False) -> list[Fault]:
    names = (name, email, email.partition("@")[0], _site_name())
    reason = passwords.fault_of(password, names=names, is_trusted=is_trusted)
    return [Fault("password", reason)] if reason else []


def _refuse(faults: list[Fault], *, name: str = "", about: str = "") -> None:
    if faults:
        is_too_long = len(name.strip()) > MAX_NAME or len(about.strip()) > MAX_ABOUT
        raise Invalid(faults, status=422 if is_too_long else 400)


def _hashed(faults: list[Fault], *, name: str, email: str, password: str | None, role: Role) -> NewAccount:
    _refuse(faults, name=name)
    password_hash = passwords.hash_password(password) if password is not None else None
    return NewAccount(name=clean_name(name), email=clean_email(email), role=role, password_hash=password_hash)


def _write(account: NewAccount) -> User:
    _refuse(_faults_of_new(account.name, account.email))
    user = User(
        name=account.name,
        name_key=key_of_name(account.name),
        email=account.email,
        email_key=key_of_email(account.email),
        role=account.role,
        password_hash=account.password_hash,
        about="",
        created_at=clock.now(),
    )
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError as error:  # another process took one of them within these milliseconds
        raise Invalid([Fault("name", NAME_TAKEN)]) from error
    return user


def _free_name(name: str) -> str:
    number, free = 1, name
    while queries.is_name_taken(free):
        number += 1
        ending = f" {number}"
        free = name[: MAX_NAME - len(ending)].rstrip() + ending
    return free


def _site_name() -> str:
    return str(current_app.extensions["hindsight_settings"].site_name)
