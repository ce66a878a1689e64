"""What an agreed offer does is said by name."""

from __future__ import annotations

from alma.core.language.answering.edit_words import in_words
from alma.core.model.blueprint import Constraints, Resource, ResourceType
from alma.core.model.conversation import (
    AddResource,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)


def test_each_edit_is_told_by_what_it_is_of() -> None:
    resource = Resource(name="k8s-1", type=ResourceType.KUBERNETES_CLUSTER)
    assert in_words(
        [
            AddResource(resource=resource),
            SetField(name="db-1", path="specs.memory", value="2GB"),
            SetField(name="db-1", path="version"),
            RemoveResource(name="web-2"),
            RenameResource(name="web-1", to="front"),
            UseTemplate(template="ha-web-app"),
        ]
    ) == (
        "1 Kubernetes cluster (k8s-1)",
        "memory of db-1 to 2GB",
        "version of db-1 back to what is usual",
        "remove web-2",
        "web-1 is called front",
        "the template ha-web-app",
    )


def test_a_field_that_is_set_twice_is_told_as_it_is_in_the_end() -> None:
    edits = [SetField(name="k8s-1", path="specs.nodes", value=n) for n in (5, 3)]
    assert in_words(edits) == ("nodes of k8s-1 to 3",)


def test_limits_are_told_like_words_about_them() -> None:
    limits = Constraints(max_monthly_cost=200, region="eu-west-1")
    assert in_words([SetBlueprint(constraints=limits)]) == (
        "at most 200 a month",
        "region eu-west-1",
    )
