"""How many may watch a server over WebSockets: never so many that nothing is left for its other work."""

from __future__ import annotations

from alma.api.routes.live import room


def test_a_quarter_of_the_descriptors_is_left_for_other_work() -> None:
    assert room(1_024) == 768


def test_five_thousand_watch_at_most_however_many_descriptors_there_are() -> None:
    assert room(1_000_000) == 5_000
