"""Every address of the site, as the permission table knows them."""

from tests.architecture.test_permissions import API_TRIES, NOBODY, TRIES
from tests.people import MIA, Person
from tests.world import World

MISSING = ("/nothing/here", "/postmortems/nothing", "/comments/99999", "/api/v1/articles/nothing")
READINESS = ("/readyz", "/account/login?next=/editor/", "/postmortems/live?page=1", "/postmortems/?tag=queues")


def readable(world: World) -> list[str]:
    """The path of every GET route, and some where there is nothing."""
    paths = [one.path for one in TRIES if one.post is None]
    paths += [f"/api/v1{one.path}" for one in API_TRIES if one.json is None]
    return list(dict.fromkeys(path.format(**world.names) for path in (*paths, *READINESS, *MISSING)))


def guarded(world: World) -> list[tuple[str, str, set[Person | None]]]:
    """(method, path, who may) of everything that is not open to everybody."""
    found = [("GET" if one.post is None else "POST", one.path, one.may) for one in TRIES if NOBODY not in one.may]
    found += [(one.method, f"/api/v1{one.path}", one.may) for one in API_TRIES if NOBODY not in one.may]
    return [(method, path.format(**world.names).partition("?")[0], may) for method, path, may in found]


def strangers_to(may: set[Person | None]) -> list[Person | None]:
    """Nobody, and a member where members may not."""
    return [NOBODY] if MIA in may else [NOBODY, MIA]
