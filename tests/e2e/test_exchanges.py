"""What the documentation shows of conversations is what ALMA answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.exchanges import blocks, held, messages

BLOCKS = blocks()


def test_the_page_shows_exchanges() -> None:
    assert len(BLOCKS) >= 4


@pytest.mark.parametrize("shown", BLOCKS, ids=[messages(block)[0][:40] for block in BLOCKS])
async def test_an_exchange_on_the_page_goes_as_shown(shown: str, tmp_path: Path) -> None:
    assert await held(messages(shown), tmp_path) == shown
