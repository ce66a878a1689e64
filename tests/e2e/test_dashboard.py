"""What people do with the dashboard, done in a real browser: the Playwright suites of alma-web.

Each has servers of its own, so that several run at a time. They take long, and so they are asked for: by
`make test-browser`, or by `ALMA_TEST_REQUIRE=browser`. `npm run e2e` in alma-web runs them without pytest.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import required

ROOT = Path(__file__).parents[2]
WEB = ROOT / "alma-web"
# The pictures of the documentation are made, and speed is measured, when they are asked for.
ASKED_FOR = {WEB / "e2e" / "pictures.spec.ts", WEB / "e2e" / "speed.spec.ts"}
# Opens every page in every look, and so takes longest, though it has few lines.
LONGEST = "walk.spec.ts"
# The longest first: where several run at a time, none is left alone at the end.
SUITES = sorted(
    set((WEB / "e2e").glob("*.spec.ts")) - ASKED_FOR,
    key=lambda path: (path.name != LONGEST, -path.stat().st_size, path.name),
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Each test has a limit of its own: this is for a suite that ends none of them.
LIMIT_SECONDS = 3600


@pytest.fixture(autouse=True)
def _browser() -> None:
    if "browser" not in required():
        pytest.skip("the browser was not asked for (make test-browser)")
    if problem := browser_problem():
        pytest.fail(f"ALMA_TEST_REQUIRE names browser, but {problem}", pytrace=False)


@functools.cache
def browser_problem() -> str:
    """Why the dashboard can't be tried in a browser; empty when it can."""
    if not SUITES:
        return "there is no alma-web beside these tests"
    said = subprocess.run(
        ["sh", str(WEB / "node-problem")], capture_output=True, text=True, timeout=30, check=True
    )
    if problem := said.stdout.strip():
        return problem
    if not (WEB / "node_modules" / "@playwright").is_dir():
        return "the dashboard's dependencies are not installed (make web)"
    if not (ROOT / "alma" / "web" / "index.html").is_file():
        return "the dashboard is not built (make web)"
    if "ALMA_CHROMIUM" not in os.environ and not any(map(shutil.which, BROWSERS)):
        return "there is no Chromium (on Debian: apt install chromium)"
    return ""


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_SECONDS + 60)
@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name.removesuffix(".spec.ts"))
def test_in_a_browser(suite: Path) -> None:
    name = suite.name.removesuffix(".spec.ts")
    words = ["npx", "playwright", "test", f"e2e/{suite.name}", "--workers=1", "--reporter=list"]
    words += [f"--output=reports/e2e/{name}"]
    with subprocess.Popen(
        words,
        cwd=WEB,
        env=os.environ
        | {
            "CI": "true",
            "NO_COLOR": "1",
            "ALMA_COMMAND": str(Path(sys.executable).parent / "alma"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            said, _ = running.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            said = _ended(running)
            pytest.fail(f"not done after {LIMIT_SECONDS} s:\n{said}", pytrace=False)
    if running.returncode != 0:
        pytest.fail(f"pictures and traces are in {WEB}/reports/e2e/{name}\n{said}", pytrace=False)
    print(said)


def _ended(running: subprocess.Popen[str]) -> str:
    """What it said; asked nicely first, so that its servers and browsers go with it."""
    for last_word in (signal.SIGTERM, signal.SIGKILL):
        os.killpg(running.pid, last_word)
        try:
            return running.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            continue
    return "nothing"
