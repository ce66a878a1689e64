"""Kinds of faults say what may be done about them, and survive being written down."""

import pickle

import pytest

from alma.core.model.errors import LanguageModelError
from alma.llm.faults import Kind, ModelFault, kind_of, passing, repeatable


def test_a_fault_is_the_same_after_it_was_written_down() -> None:
    fault = ModelFault("it asks to wait", kind=Kind.BUSY, hint="wait", retry_after=7.0)
    fault.retryable = False
    again = pickle.loads(pickle.dumps(fault))
    assert type(again) is ModelFault
    assert vars(again) == vars(fault)
    assert str(again) == "it asks to wait"


def test_an_error_of_no_kind_counts_as_a_failing_provider() -> None:
    assert kind_of(LanguageModelError("it failed")) is Kind.SERVER


@pytest.mark.parametrize("kind", Kind)
def test_what_may_be_repeated_is_trouble_of_the_endpoint_and_passes(kind: Kind) -> None:
    fault = ModelFault("x", kind=kind)
    assert not repeatable(fault) or (passing(fault) and fault.retryable)
    assert passing(fault) <= fault.retryable
