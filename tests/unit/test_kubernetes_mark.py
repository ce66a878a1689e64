"""A test of Kubernetes that silently doesn't run looks like one that passed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_a_kubernetes_test(**environment: str) -> str:
    """What pytest reports for one such test."""
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/integration/kubernetes/test_cluster.py", "-k", "uid_of_kube_system"],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    return done.stdout


def test_it_is_skipped_with_the_reason() -> None:
    report = run_a_kubernetes_test(ALMA_TEST_REQUIRE="", ALMA_TEST_KUBECONFIG="")
    assert "1 skipped" in report
    assert "ALMA_TEST_KUBECONFIG names no cluster" in report


def test_it_fails_where_a_cluster_was_promised(tmp_path: Path) -> None:
    nobody = str(tmp_path / "kubeconfig")
    report = run_a_kubernetes_test(ALMA_TEST_REQUIRE="kubernetes", ALMA_TEST_KUBECONFIG=nobody)
    assert "ALMA_TEST_REQUIRE names kubernetes, but" in report
    assert "1 error" in report


def test_every_test_on_a_cluster_says_that_it_needs_one() -> None:
    modules = [*(ROOT / "tests" / "integration" / "kubernetes").glob("test_*.py")]
    assert modules
    mark = "pytestmark = pytest.mark.kubernetes"
    assert [path.name for path in modules if mark not in path.read_text(encoding="utf-8")] == []
