"""Every route has the class of limits that somebody decided on: a new one without a decision fails here."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from alma.api.app import create_app
from alma.middleware.rate_limit import CLASSES, OVERALL, SIGN_IN, class_of
from alma.middleware.templates import Templates

API = "/api/v1"
OVERALL_ONLY: Mapping[str, tuple[str, ...]] = {
    "asks an engine, a planner or a model, or reads a whole book": (
        f"{API}/blueprints/convert",
        f"{API}/blueprints/plan",
        f"{API}/blueprints/render",
        f"{API}/blueprints/{{id}}/render",
        f"{API}/blueprints/validate",
        f"{API}/blueprints/{{id}}/plan",
        f"{API}/conversation/chat",
        f"{API}/conversation/{{id}}/graph",
        f"{API}/conversation/turns/",
        f"{API}/council",
        f"{API}/engines",
        f"{API}/models",
        f"{API}/policies",
        f"{API}/prices",
        f"{API}/templates",
        f"{API}/tools",
        f"{API}/audit/export",
        f"{API}/audit/verify",
    ),
    "begins, ends or decides something that is done a few times a day": (
        f"{API}/accounts/{{name}}/password",
        f"{API}/audit/prune",
        f"{API}/blueprints/{{id}}/deploy",
        f"{API}/deployments/{{id}}/",
        f"{API}/imports",
        f"{API}/iprs/{{id}}/",
        f"{API}/secrets",
        f"{API}/stacks/{{id}}/",
    ),
    "asks again and again while a device waits, twelve times a minute": (f"{API}/auth/device/",),
    "says who one is, or ends that": (
        f"{API}/auth/me",
        f"{API}/auth/providers",
        f"{API}/auth/logout",
    ),
    "is a page to read, or its forms": ("/device", "/health", "/graphql/page.js"),
    "is counted by what is asked for within it": ("/graphql",),
    "is counted when it is opened": ("/ws/deployments",),
}


@pytest.fixture(scope="module")
def templates() -> set[str]:
    return {entry.template for entry in Templates(create_app().routes)._entries}


def test_every_route_has_a_class_or_a_reason_for_the_overall_limit(templates: set[str]) -> None:
    reasons = tuple(start for starts in OVERALL_ONLY.values() for start in starts)
    undecided = {t for t in templates - CLASSES.keys() if not t.startswith(reasons)}
    assert undecided == set()


def test_no_class_is_that_of_a_route_which_is_gone(templates: set[str]) -> None:
    assert CLASSES.keys() - templates == set()


@pytest.mark.parametrize(
    "path", ["login", "refresh", "device", "oidc/{provider}/start", "oidc/{provider}/callback"]
)
def test_every_way_in_is_held_by_its_address(path: str) -> None:
    assert class_of(f"{API}/auth/{path}", "POST") == SIGN_IN
    assert class_of(f"{API}/nothing", "POST") == OVERALL
