"""The description against the running API: requests made up from it, right and wrong, are answered as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from blog.api.views import OPERATIONS
from blog.extensions import db
from blog.lib.json_api import Operation
from tests.people import ADA
from tests.world import World

MOST = 5  # requests of each kind; the same ones in every run
CONFORMS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
REFUSES = [*CONFORMS, checks.negative_data_rejection]


@pytest.fixture(scope="module")
def site(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = world.app(tmp_path_factory.mktemp("described"))
    yield app
    app.extensions["hindsight_search"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def schema(site: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site)


def ask(schema: Any, operation: Operation, mode: GenerationMode, send: Any) -> None:
    described = schema.find_operation_by_id(operation.name)

    @settings(
        max_examples=MOST,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        send(case)

    run()


def headers_of(world: World, operation: Operation) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.secrets[ADA, operation.scope]}", "Accept-Encoding": "identity"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_what_the_description_allows_is_answered_as_it_says(world: World, schema: Any, operation: Operation) -> None:
    def send(case: Any) -> None:
        for name, value in {"slug": "live", "number": 1}.items():
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = value
        more = {"If-Match": world.names["live_hash"]} if operation.needs_match else {}
        case.call_and_validate(headers={**headers_of(world, operation), **more}, checks=CONFORMS)

    ask(schema, operation, GenerationMode.POSITIVE, send)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_what_the_description_forbids_is_refused(world: World, schema: Any, operation: Operation) -> None:
    def send(case: Any) -> None:
        case.call_and_validate(headers=headers_of(world, operation), checks=REFUSES)

    ask(schema, operation, GenerationMode.NEGATIVE, send)
