"""Every setting: its name, type, default and one line of help. A bad value stops the start with a clear message.

They come from the environment with the prefix `HINDSIGHT_` (`HINDSIGHT_DATA_DIR=/srv/hindsight`).
"""

import errno
import os
import re
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from flask import current_app
from limits import parse_many
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from blog.lib.mail import MailServer

PREFIX = "HINDSIGHT_"
MIN_SECRET_LENGTH = 32  # 128 bits of hex at the least
MIN_TOKEN_LENGTH = 16
SAMPLE_SECRETS = {"secret", "changeme", "change-me", "dev", "development", "secret-key", "your-secret-key", "test"}


MIB = 1024 * 1024


class BadSettings(SystemExit):
    """The settings cannot be used; the message names each one and what is wrong with it."""


def _is_rates(value: str) -> str:
    try:
        rates = parse_many(value)
    except ValueError:
        raise ValueError("must be rates such as `2/minute; 20/hour`") from None
    if any(rate.amount < 1 or rate.multiples < 1 for rate in rates):
        raise ValueError("must allow at least one; close what should not be used in another way")
    return value


def _is_rate(value: str) -> str:
    if len(parse_many(_is_rates(value))) != 1:
        raise ValueError("must be one rate such as `10/5 minute`")
    return value


Rates = Annotated[str, AfterValidator(_is_rates)]
Rate = Annotated[str, AfterValidator(_is_rate)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    data_dir: Path = Field(Path("instance"), description="Folder of database, index, uploads and secret")
    secret_key: str = Field("", description="Signs cookies; made and kept in the data folder when absent")
    secret_key_fallbacks: str = Field(
        "", description="Older secret keys, comma separated, still accepted during a rotation"
    )
    database_url: str = Field("", description="SQLAlchemy address; SQLite in the data folder when absent")
    search_engine: Literal["whoosh", "postgres"] = Field("whoosh", description="Which engine searches")
    redis_url: str = Field(
        "", description="Redis for rate limits shared by many machines; a file in the data folder when absent"
    )
    site_name: str = Field("Hindsight", min_length=1, max_length=60, description="The name on every page")
    site_url: str = Field("http://127.0.0.1:8000", description="Public address, used in every absolute link")
    trusted_hosts: str = Field(
        "", description="More host names to answer to, comma separated, beside the one of SITE_URL"
    )
    mail_url: str = Field(
        "", description="SMTP server: smtp://, smtp+starttls:// or smtps://user:password@host:port; no mail when absent"
    )
    mail_from: str = Field("", description="The address mail comes from; hindsight@ the host of SITE_URL when absent")
    digest_hour: int = Field(7, ge=0, le=23, description="At which hour, UTC, the daily mails go out")
    approvals_required: int = Field(1, ge=1, le=10, description="How many people must approve before publishing")
    registration: Literal["open", "invite", "closed"] = Field("open", description="Who may make an account")
    trusted_proxies: int = Field(0, ge=0, le=10, description="How many proxies in front set X-Forwarded-* headers")
    rate_limits: bool = Field(True, description="on or off; off is for load tests")
    request_rates: Rates = Field("200/minute; 50/10 second", description="Requests of one address")
    search_rates: Rates = Field("5/second", description="Searches of one address, beside its requests")
    token_rates: Rates = Field("60/minute; 5000/day", description="Requests with one API token")
    comment_rates: Rates = Field("2/minute; 20/hour; 100/day", description="Comments of one person")
    comment_address_rates: Rates = Field(
        "30/minute; 300/hour", description="Comments from one address, whoever sends them"
    )
    form_min_seconds: int = Field(
        3, ge=0, le=60, description="A comment sent sooner after its form was opened waits for a moderator; 0 for never"
    )
    form_max_hours: int = Field(
        24, ge=0, le=720, description="A comment sent later after its form was opened waits, too; 0 for never"
    )
    proof_of_work: bool = Field(
        False,
        description="Whether browsers compute for a second before a comment; one without it waits for a moderator",
    )
    preview_rates: Rates = Field("40/minute", description="Previews of comments by one person")
    mark_rates: Rates = Field("30/minute; 500/day", description="Useful marks of one person, and taking them back")
    upload_rates: Rates = Field("10/minute; 60/hour; 200/day", description="Pictures that one person uploads")
    sign_in_rate: Rate = Field("10/5 minute", description="Failed tries to sign in, of one account and of one address")
    sign_in_rate_of_all: Rate = Field("1000/5 minute", description="Failed tries to sign in, over all accounts")
    registration_rate: Rate = Field("5/day", description="Accounts made from one address")
    reset_rate: Rate = Field("5/day", description="Mails for a new password, of one account and asked from one address")
    verification_rate: Rate = Field("3/6 hour", description="Mails to verify one's address, of one person")
    max_request_bytes: int = Field(
        MIB, ge=MIB // 2, le=20 * MIB, description="The largest body of a request; a write-up of many rows is one"
    )
    max_image_bytes: int = Field(10 * MIB, ge=100_000, le=40 * MIB, description="The largest file of a picture")
    link_checks: bool = Field(
        True, description="Whether links of drafts are looked up before a review; off where the site may not reach out"
    )
    worker: Literal["thread", "process", "off"] = Field(
        "process",
        description="Where background jobs run: one process beside those of the server, a thread of each, or `off`",
    )
    metrics_token: str = Field(
        "", description="What a program must bring to read /metrics; nothing is counted when absent"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")

    @field_validator("site_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an address such as https://postmortems.example.org")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _is_long(cls, value: str) -> str:
        if value and (len(value) < MIN_SECRET_LENGTH or value.lower() in SAMPLE_SECRETS or len(set(value)) < 8):
            raise ValueError(f"must be at least {MIN_SECRET_LENGTH} random characters, or absent to have one made")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _is_no_guess(cls, value: str) -> str:
        if value and (len(value) < MIN_TOKEN_LENGTH or not value.isascii()):
            raise ValueError(f"must be at least {MIN_TOKEN_LENGTH} random characters, or absent")
        return value

    @field_validator("mail_url")
    @classmethod
    def _is_mail_server(cls, value: str) -> str:
        if value:
            MailServer.read(value)
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", value):
            raise ValueError("must be one address such as postmortems@example.org")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+")):
            raise ValueError("must start with sqlite: or postgresql:")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.search_engine == "postgres":
            raise ValueError("SEARCH_ENGINE=postgres is not built yet; use whoosh")
        if self.redis_url and find_spec("redis") is None:
            raise ValueError("REDIS_URL needs the package redis (pip install redis)")
        return self

    @property
    def is_https(self) -> bool:
        return self.site_url.startswith("https:")

    @property
    def hosts(self) -> list[str]:
        """Host names the site answers to; everything else is refused with 400."""
        own = urlsplit(self.site_url).hostname or "localhost"
        more = [name.strip() for name in self.trusted_hosts.split(",") if name.strip()]
        local = [] if self.is_https else ["localhost", "127.0.0.1", "[::1]"]
        return list(dict.fromkeys([own, *more, *local]))

    @property
    def sender(self) -> str:
        """The address that mail comes from."""
        return self.mail_from or f"hindsight@{urlsplit(self.site_url).hostname}"

    @property
    def database_address(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'hindsight.sqlite3'}"

    @property
    def index_dir(self) -> Path:
        return self.data_dir / "index"


def current_settings() -> Settings:
    """The settings of the running application."""
    settings: Settings = current_app.extensions["hindsight_settings"]
    return settings


def load_settings(given: Settings | dict[str, Any] | None = None) -> Settings:
    """Settings from the environment, or from `given` (a mapping of names with or without the prefix, any case).

    Makes the data folder (0700) and, where none is set, the secret key in it (0600). Raises `BadSettings`.
    """
    if isinstance(given, Settings):
        settings = given
    else:
        values = {name.removeprefix(PREFIX).lower(): value for name, value in (given or {}).items()}
        unknown = set(values) - set(Settings.model_fields)
        if unknown:
            raise BadSettings(f"There is no setting {PREFIX}{sorted(unknown)[0].upper()}")
        try:
            settings = Settings(**values)
        except ValidationError as error:
            raise BadSettings(_explain(error)) from None
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(settings.data_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "it cannot be written")
        return settings.model_copy(update={"secret_key": settings.secret_key or _kept_secret(settings.data_dir)})
    except OSError as error:
        raise BadSettings(f"{PREFIX}DATA_DIR: {settings.data_dir} cannot be used: {error.strerror}") from error


def _kept_secret(folder: Path) -> str:
    path = folder / "secret_key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    kept = path.read_text().strip()
    if len(kept) < MIN_SECRET_LENGTH:
        raise BadSettings(f"{path} holds no usable secret key; remove the file to have a new one made")
    return kept


def _explain(error: ValidationError) -> str:
    lines = []
    for item in error.errors(include_url=False):
        name = f"{PREFIX}{str(item['loc'][0]).upper()}" if item["loc"] else PREFIX
        lines.append(f"{name}: {item['msg'].removeprefix('Value error, ')}".replace(f"{PREFIX}: ", PREFIX))
    return "The settings cannot be used:\n  " + "\n  ".join(lines)
