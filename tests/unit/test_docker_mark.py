"""A Docker test that silently doesn't run looks like one that passed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_a_docker_test(**environment: str) -> str:
    """What pytest reports for one such test where no Docker Engine answers."""
    nobody = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/integration/test_images.py", "-k", "the_small_system"],
        env={**os.environ, **nobody, **environment},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def test_it_is_skipped_with_the_reason() -> None:
    report = run_a_docker_test(ALMA_TEST_REQUIRE="")
    assert "1 skipped" in report
    assert "docker" in next(line for line in report.splitlines() if line.startswith("SKIPPED"))


@pytest.mark.parametrize("needs", ["docker", "browser, docker"])
def test_it_fails_where_docker_was_promised(needs: str) -> None:
    report = run_a_docker_test(ALMA_TEST_REQUIRE=needs)
    assert "ALMA_TEST_REQUIRE names docker, but" in report
    assert "1 error" in report
