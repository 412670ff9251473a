"""What an unsubscribing link says: whose mail stops, and for what. Signed, so that nobody makes one; it never ends."""

from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from blog.settings import current_settings

MOST = 8  # follows that one link names; a mail of more stops them all
_SALT = "unsubscribe"


@dataclass(frozen=True)
class Unsubscribing:
    """`follow_ids` empty: all mail about what is followed. 0 among them is `FollowKind.SELF`."""

    user_id: int
    follow_ids: tuple[int, ...] = ()


def sign(unsubscribing: Unsubscribing) -> str:
    """The value of the link."""
    follows = sorted(unsubscribing.follow_ids)
    return str(_serializer().dumps([unsubscribing.user_id, follows if len(follows) <= MOST else []]))


def read(value: str) -> Unsubscribing | None:
    """What a link says; None where it is not one of ours."""
    try:
        user_id, follows = _serializer().loads(value)
    except (BadData, ValueError, TypeError):
        return None
    return Unsubscribing(user_id, tuple(follows))


def _serializer() -> URLSafeSerializer:
    settings = current_settings()
    older = [key for key in settings.secret_key_fallbacks.split(",") if key]
    return URLSafeSerializer([*reversed(older), settings.secret_key], salt=_SALT)
