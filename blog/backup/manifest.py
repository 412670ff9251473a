"""The manifest: the first member of an archive, which names every other one with its size and SHA-256."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

MANIFEST = "manifest.json"
DATABASE = "database.sqlite3"
UPLOADS = "uploads"
FORMAT = 1  # moves when an older program could not read the archive
MAX_MANIFEST = 64 * 1024 * 1024  # bytes; half a million uploads
MAX_NAME = 100  # bytes that every tar program reads; ours are random and short
MAX_SIZE = 2**40

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class BadBackup(Exception):
    """The archive, or the place it should go to, cannot be used. The message is one plain sentence for an operator."""


def _own_name(name: str) -> str:
    """Only our database and files below `uploads`, in their plainest spelling: nothing that could lead elsewhere."""
    path = PurePosixPath(name)
    is_plain = name.isprintable() and "\\" not in name and str(path) == name and ".." not in path.parts
    if name != DATABASE and (not is_plain or path.parts[0] != UPLOADS or len(path.parts) < 2):
        raise ValueError("names no file of a backup")
    if len(name.encode()) > MAX_NAME:
        raise ValueError("is too long a name")
    return name


class Member(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_own_name)]
    size: int = Field(ge=0, le=MAX_SIZE)
    sha256: Sha256


class Manifest(BaseModel):
    """`counts` holds the rows of every table, `journal_head` the hash of the newest event of the chain. `lost` names
    pictures that the database knows and the disk had no longer, or not as they were.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    program: Literal["hindsight"] = "hindsight"
    format: int = FORMAT
    version: str = Field(max_length=40)
    made_at: datetime
    revision: str = Field(max_length=40)
    journal_head: Sha256
    counts: dict[str, int]
    members: list[Member] = Field(min_length=1)
    lost: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        names = [member.name for member in self.members]
        if names[0] != DATABASE or len(set(names)) != len(names):
            raise ValueError("the database comes first, and every member once")
        return self

    def without(self, known: dict[str, str]) -> list[str]:
        """Which of these files (name in the archive -> SHA-256) are not members, or not with this content."""
        held = {member.name: member.sha256 for member in self.members}
        return sorted(name for name, sha256 in known.items() if held.get(name) != sha256)

    @property
    def size(self) -> int:
        """Bytes of all members together."""
        return sum(member.size for member in self.members)


def read_manifest(content: bytes) -> Manifest:
    """Raises `BadBackup` for anything but a manifest of ours."""
    try:
        found = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "all of it"
        raise BadBackup(f"the manifest is not one of a backup ({place}: {first['msg']})") from None
    if found.format != FORMAT:
        raise BadBackup(f"the archive has format {found.format}; this program reads format {FORMAT}")
    return found
