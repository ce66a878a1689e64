"""A namespace of the cluster gets into no project of ALMA's that it was not granted."""

from __future__ import annotations

import pytest

from alma.core.model.errors import Forbidden, InvalidInput
from alma.operator.settings import Grant, OperatorSettings


def granted(*texts: str) -> OperatorSettings:
    return OperatorSettings(grants=tuple(map(Grant.of, texts)))


def test_without_a_word_everything_is_in_the_default_project_and_nowhere_else() -> None:
    settings = OperatorSettings()
    assert settings.project_for("any", None) == "default"
    with pytest.raises(Forbidden, match="namespace any may not use project shop"):
        settings.project_for("any", "shop")


def test_the_first_grant_that_fits_is_where_a_blueprint_is_that_names_no_project() -> None:
    settings = granted("team-a=shop", "team-*=lab")
    assert settings.project_for("team-a", None) == "shop"
    assert settings.project_for("team-a", "lab") == "lab"
    assert settings.project_for("team-b", None) == "lab"
    with pytest.raises(Forbidden, match="team-b may not use project shop") as caught:
        settings.project_for("team-b", "shop")
    assert caught.value.hint == "it may use lab"


def test_a_namespace_without_a_grant_may_use_nothing() -> None:
    with pytest.raises(Forbidden, match="namespace else may not use any project"):
        granted("team-a=shop").project_for("else", None)


def test_every_project_is_granted_by_a_star() -> None:
    settings = granted("team-a=*")
    assert settings.project_for("team-a", "anything") == "anything"
    assert settings.project_for("team-a", None) == "default"


@pytest.mark.parametrize("text", ["shop", "=shop", "shop=", ""])
def test_half_a_grant_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="which project which namespaces"):
        Grant.of(text)


def test_clusters_that_share_an_alma_are_told_apart_by_their_names() -> None:
    assert OperatorSettings().source("a", "b") == "kubernetes:a/b"
    assert OperatorSettings(cluster="east").source("a", "b") == "kubernetes:east/a/b"
