"""The dashboard is served where browsers look for it, and nowhere else."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from alma.api.app import create_app
from alma.api.dashboard import Dashboard
from alma.settings import Settings

HERE = "http://localhost:8000"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE = b"<!doctype html><title>ALMA</title>"
SCRIPT = b"console.log('a page')\n" * 50


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture(scope="module")
def web(place: Path) -> Path:
    root = place / "web"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_bytes(PAGE)
    (root / "favicon.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (root / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (root / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (root / ".vite").mkdir()
    (root / ".vite" / "manifest.json").write_bytes(b"{}")
    (place / "secret.txt").write_bytes(b"not yours")
    return root


@pytest.fixture(scope="module")
def browser(web: Path, place: Path) -> Iterator[TestClient]:
    """A stranger's, at a server that knows its callers."""
    settings = Settings(
        home=place / "home", api_key="k" * 40, web_directory=web, rate_limit_enabled=False
    )
    with TestClient(create_app(settings=settings), base_url=HERE) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/iprs/7", "/settings/members", "/blueprints/", "/no/such"])
def test_every_page_of_the_dashboard_is_its_one_page(browser: TestClient, path: str) -> None:
    answer = browser.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.content == PAGE
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_programs_get_at_the_root_what_they_always_got(browser: TestClient) -> None:
    assert browser.get("/").json()["name"] == "ALMA"


@pytest.mark.parametrize(
    "path", ["/api/v1/iprs", "/metrics", "/api/v1/nothing", "/api", "/graphql"]
)
def test_what_the_server_answers_itself_stays_its_own(browser: TestClient, path: str) -> None:
    answer = browser.get(path, headers=BROWSER)
    assert answer.content != PAGE
    assert answer.status_code in {401, 404, 405}


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/health", "/device"])
def test_other_pages_stay_where_they_are(browser: TestClient, path: str) -> None:
    answer = browser.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.content != PAGE


def test_files_with_a_hash_in_their_name_are_kept_for_ever(browser: TestClient) -> None:
    answer = browser.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert answer.content == SCRIPT
    assert "immutable" in answer.headers["cache-control"]
    assert "javascript" in answer.headers["content-type"]


def test_files_are_sent_packed_to_those_who_unpack(browser: TestClient) -> None:
    answer = browser.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "br, gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == SCRIPT
    assert "Accept-Encoding" in answer.headers["vary"]
    refused = browser.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone.js",
        "/assets/index-1a2b.js.gz",
        "/assets/..%2f..%2fsecret.txt",
        "/..%2fsecret.txt",
        "/.vite/manifest.json",
    ],
)
def test_nothing_but_what_was_built_can_be_had(browser: TestClient, path: str) -> None:
    """Nor is a page an answer to who asks for a script that an older page names."""
    assert browser.get(path).status_code in {401, 404}


def test_only_reading_is_answered(browser: TestClient) -> None:
    assert browser.post("/iprs/7", headers=BROWSER).status_code in {401, 404, 405}
    head = browser.head("/iprs/7", headers=BROWSER)
    assert (head.status_code, head.content) == (200, b"")


def test_without_a_build_nothing_is_in_between(tmp_path: Path) -> None:
    app = create_app(settings=Settings(home=tmp_path, web_directory=tmp_path / "none"))
    assert Dashboard.__name__ not in str(app.user_middleware)


def test_what_it_serves_is_counted_as_its_own_and_what_nobody_serves_as_unmatched(
    browser: TestClient,
) -> None:
    for path in ("/assets/index-1a2b.js", "/deployments/4711", "/assets/gone-9z.js"):
        browser.get(path, headers=BROWSER)
    counted = browser.get("/metrics", headers={"Authorization": f"Bearer {'k' * 40}"}).text
    total = 'http_requests_total{endpoint="%s",method="GET",status="%s"}'
    assert total % ("dashboard", 200) in counted
    assert total % ("dashboard", 404) not in counted
    assert total % ("unmatched", 200) not in counted
    # Only in labels: figures such as bytes and times have digits of their own.
    labels = " ".join(re.findall(r'"([^"]*)"', counted))
    assert not [name for name in ("4711", "1a2b", "9z") if name in labels]
