"""What is not wanted is told as a plain denial, or left out where it is no thing that could be made."""

from __future__ import annotations

import pytest

from alma.core.language.wording.denials import denied


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("nginx and don't bother with caching", "nginx and no caching"),
        ("two vms, neither gets a public address", "two vms, no public address"),
        ("k3s, no proxy, the cluster brings its own ingress.", "k3s, no proxy."),
        ("a web server. Redis isn't used by this product, so leave it out.", "a web server. no Redis."),
        ("postgres\n4. mosquitto? no, nobody answered\n5. minio", "postgres\n5. minio"),
        ("5 vms. Staging isn't needed.", "5 vms. ."),
    ],
)  # fmt: skip
def test_a_denial_is_told_plainly(said: str, told: str) -> None:
    assert "".join(denied(said).split()) == "".join(told.split())


@pytest.mark.parametrize(
    "said", ["it is used by two teams", "a database is needed", "what is needed? a vm", "we can host it"]
)  # fmt: skip
def test_what_is_wanted_stays(said: str) -> None:
    assert denied(said) == said
