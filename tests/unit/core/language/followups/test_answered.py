"""An answer to "which one do you mean" may choose without a name."""

from __future__ import annotations

import pytest

from alma.core.language.followups.answered import chooses, chosen, put_again
from alma.core.model.blueprint import Resource

_AMONG = ("patients", "billing", "archive")
_RESOURCES = [
    Resource.model_validate({"name": name, "type": "database", "specs": {"memory": memory}})
    for name, memory in zip(_AMONG, ("16GB", "4GB", "8GB"), strict=True)
]


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("the first", ["patients"]),
        ("the second one please", ["billing"]),
        ("the last one", ["archive"]),
        ("the first two", ["patients", "billing"]),
        ("both", ["patients", "billing", "archive"]),
        ("all of them", ["patients", "billing", "archive"]),
        ("the biggest", ["patients"]),
        ("the smaller one", ["billing"]),
        ("billing of course", ["billing"]),
        ("patients and archive", ["patients", "archive"]),
    ],
)
def test_it_chooses(answer: str, names: list[str]) -> None:
    assert list(chosen(answer, _AMONG, _RESOURCES)) == names


@pytest.mark.parametrize(
    "answer", ["8GB", "billing to 8GB and patients to 4", "add a cache", "no", "2"]
)
def test_what_says_more_or_something_else_chooses_nothing(answer: str) -> None:
    assert not chosen(answer, _AMONG, _RESOURCES)


@pytest.mark.parametrize(
    ("request_", "about", "again"),
    [
        ("give the database 32GB", "database", "give billing 32GB"),
        ("scale it to 4", "", "scale billing to 4"),
        ("remove a gpu box", "box", "remove billing"),
        ("add backups", "", "add backups for billing"),
    ],
)
def test_the_request_is_put_again_with_the_name(request_: str, about: str, again: str) -> None:
    assert put_again(request_, about, ["billing"]) == again


def test_a_new_wish_is_no_answer() -> None:
    assert chooses("the second one") is True
    assert chooses("make the second one bigger") is False
