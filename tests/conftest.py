"""Every test runs or says why it didn't; where ALMA_TEST_REQUIRE names its need, it has to run."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from alma.cli.descriptors import raise_limit
from tests.kubernetes import kubernetes_problem

IMAGE_SCRIPT = Path(__file__).parent / "images" / "build.py"
LISTING_LIMIT_SECONDS = 30


def pytest_configure() -> None:
    """Tests that are a thousand clients at once need a descriptor for each, beside those that are open anyway."""
    raise_limit()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for need, problem in _NEEDS.items():
        if item.get_closest_marker(need) and (reason := problem()):
            if need in required():
                pytest.fail(f"ALMA_TEST_REQUIRE names {need}, but {reason}", pytrace=False)
            pytest.skip(reason)


def required() -> set[str]:
    """What this run promises to have: a comma-separated list, such as `docker,browser`."""
    return {need.strip() for need in os.environ.get("ALMA_TEST_REQUIRE", "").split(",")}


@functools.cache
def docker_problem() -> str:
    """Why tests can't use Docker; empty when they can."""
    try:
        listing = subprocess.run(
            [sys.executable, str(IMAGE_SCRIPT), "--list"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LISTING_LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Docker did not answer within {LISTING_LIMIT_SECONDS} s"
    if listing.returncode == 1:
        return "the test images are missing or outdated (python tests/images/build.py makes them)"
    return listing.stderr.strip() if listing.returncode else ""


_NEEDS = {"docker": docker_problem, "kubernetes": kubernetes_problem}
