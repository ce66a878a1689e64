"""The garbage collector is off inside and as it was outside, whatever happens inside."""

from __future__ import annotations

import gc

import pytest

from alma.core.planning.collector import without_collector


@without_collector
def collecting(inner=None):
    if inner:
        inner()
    return gc.isenabled()


def test_it_is_off_inside_and_on_again_afterwards():
    assert collecting() is False
    assert gc.isenabled()


def test_overlapping_calls_switch_it_on_only_at_the_end():
    seen = []
    collecting(lambda: seen.append((collecting(), gc.isenabled())))
    assert seen == [(False, False)]
    assert gc.isenabled()


def test_a_failure_inside_leaves_it_on():
    with pytest.raises(ZeroDivisionError):
        collecting(lambda: 1 / 0)
    assert gc.isenabled()


def test_whoever_had_it_off_keeps_it_off():
    gc.disable()
    try:
        collecting()
        assert not gc.isenabled()
    finally:
        gc.enable()
