"""What tests of charts need, and why they are skipped where it is missing."""

from __future__ import annotations

import pytest

from tests.charts.helm import program
from tests.conftest import required


@pytest.fixture(autouse=True)
def helm_is_here() -> None:
    """Skips without helm, unless ALMA_TEST_REQUIRE names it."""
    if program() is None:
        reason = "there is no helm (`make helm` fetches one)"
        if "helm" in required():
            pytest.fail(f"ALMA_TEST_REQUIRE names helm, but {reason}", pytrace=False)
        pytest.skip(reason)
