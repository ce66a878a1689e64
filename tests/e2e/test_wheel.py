"""What is shipped has the dashboard in it: a wheel, installed, serves the page; a source archive can build it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import serving

ROOT = Path(__file__).parents[2]
BROWSER = {"Accept": "text/html"}
PAGE = (
    '<!doctype html><title>ALMA</title><script type="module" src="/assets/index-1a2b.js"></script>'
)
SHIPPED = ("alma", "alma-web", "pyproject.toml", "README.md", "LICENSE", "NOTICE", ".gitignore")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout, with a dashboard that was built: a small one, so that no Node is needed."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            skipped = shutil.ignore_patterns("__pycache__", "node_modules", "reports", "web")
            shutil.copytree(ROOT / name, copy / name, ignore=skipped)
        else:
            shutil.copy(ROOT / name, copy)
    web = copy / "alma" / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text(PAGE)
    (web / "assets" / "index-1a2b.js").write_text("export {};\n")
    # Left behind by work on the dashboard, and no part of it.
    for rest in ("node_modules/react/index.js", "reports/screenshots/a.png"):
        path = copy / "alma-web" / rest
        path.parent.mkdir(parents=True)
        path.write_text("")
    return copy


def built(checkout: Path, target: str, into: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (file,) = into.iterdir()
    return file


@pytest.mark.slow
def test_an_installed_wheel_serves_the_page(checkout: Path, tmp_path: Path) -> None:
    wheel = built(checkout, "wheel", tmp_path / "dist")
    there = set(zipfile.ZipFile(wheel).namelist())
    assert {"alma/web/index.html", "alma/web/assets/index-1a2b.js"} <= there
    assert not any(name.startswith("alma-web/") for name in there)

    place = tmp_path / "site-packages"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--no-compile", "--target", str(place), str(wheel)],
        check=True,
        timeout=120,
    )
    with serving(tmp_path / "home", PYTHONPATH=str(place), PYTHONSAFEPATH="1") as client:
        assert client.get("/", headers=BROWSER).text == PAGE
        assert client.get("/iprs/7", headers=BROWSER).text == PAGE
        script = client.get("/assets/index-1a2b.js")
        assert script.text == "export {};\n"
        assert script.headers["content-type"].startswith("text/javascript")
        api: httpx.Response = client.get("/api/v1/auth/me")
        assert api.is_success


def test_a_source_archive_can_build_the_dashboard(checkout: Path, tmp_path: Path) -> None:
    with tarfile.open(built(checkout, "sdist", tmp_path / "dist")) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}
    sources = {"index.html", "package.json", "package-lock.json", "vite.config.ts", "src/main.tsx"}
    assert {f"alma-web/{name}" for name in sources | {"node-problem", "openapi.json"}} <= there
    assert "alma/web/index.html" in there
    assert not any("node_modules" in name or "/reports/" in name for name in there)


@pytest.mark.skipif(
    not (ROOT / "alma" / "web" / "index.html").is_file(),
    reason="the dashboard is not built (make web)",
)
def test_the_dashboard_that_was_built_is_whole() -> None:
    """The page and everything that it fetches; a wheel takes the folder as it is."""
    web = ROOT / "alma" / "web"
    parts = json.loads((web / ".vite" / "manifest.json").read_text()).values()
    named = {part["file"] for part in parts} | {
        css for part in parts for css in part.get("css", [])
    }
    assert {name for name in named if not (web / name).is_file()} == set()
    (entry,) = [part["file"] for part in parts if part.get("isEntry")]
    assert f"/{entry}" in (web / "index.html").read_text()
    assert (web / f"{entry}.br").is_file(), "scripts are packed when they are built"
