"""What health asks for is what the engine does, and what is lacking is told in RBAC's own names."""

from __future__ import annotations

from alma.engines.kubernetes import look
from alma.engines.kubernetes.rights import MADE, NEEDED, Lack


def test_every_kind_that_a_read_lists_may_be_changed_too() -> None:
    assert {*look.KINDS} == {*MADE}
    for kind in MADE:
        verbs = {right.verb for right in NEEDED if right.kind == kind and not right.part}
        assert verbs == {"get", "list", "watch", "create", "patch", "delete"}, kind


def test_what_is_lacking_names_verbs_resource_and_place() -> None:
    assert str(Lack("deployments.apps", ("create", "patch"), "shop")) == (
        "may not create, patch deployments.apps in namespace shop"
    )
    assert str(Lack("pods/log", ("get",), None)) == "may not get pods/log in every namespace"
