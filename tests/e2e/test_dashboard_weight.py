"""The first page comes fast over a slow line: it fetches little, and the rest comes when it is used."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import required

ROOT = Path(__file__).parents[2]
WEB = ROOT / "alma" / "web"
LIMIT_KB = 300
# The entry, the page at "/", and what the shell fetches as soon as it stands.
LANDING = (
    "index.html",
    "src/features/conversation/ConversationPage.tsx",
    "src/app/shell/Palette.tsx",
)
# Too big for every page: each comes with the first page that shows one.
LATE = ("codemirror", "recharts", "xyflow", "BlueprintGraph")

Manifest = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    path = WEB / ".vite" / "manifest.json"
    if not path.is_file():
        if "browser" in required():
            pytest.fail(
                "ALMA_TEST_REQUIRE names browser, but the dashboard is not built", pytrace=False
            )
        pytest.skip("the dashboard is not built (make web)")
    read: Manifest = json.loads(path.read_text())
    return read


def with_imports(manifest: Manifest, name: str, seen: set[str]) -> Iterator[str]:
    """The scripts that come together: what is imported dynamically is not among them."""
    if name in seen:
        return
    seen.add(name)
    yield str(manifest[name]["file"])
    for imported in manifest[name].get("imports", []):
        yield from with_imports(manifest, imported, seen)


def packed_kb(file: str) -> float:
    return len(gzip.compress((WEB / file).read_bytes(), 9)) / 1000


def test_the_first_page_fetches_little(manifest: Manifest) -> None:
    seen: set[str] = set()
    sizes = {
        file: packed_kb(file) for name in LANDING for file in with_imports(manifest, name, seen)
    }
    sizes["start.js"] = packed_kb("start.js")  # as it is: nothing imports it
    report = "\n".join(
        f"{kb:8.1f} kB  {file}" for file, kb in sorted(sizes.items(), key=lambda it: -it[1])
    )
    report += f"\n{sum(sizes.values()):8.1f} kB  of scripts for the first page, packed by gzip (at most {LIMIT_KB})\n"
    reports = ROOT / "alma-web" / "reports"
    reports.mkdir(exist_ok=True)
    (reports / "bundle.txt").write_text(report)
    print(report)
    assert sum(sizes.values()) < LIMIT_KB, report


def test_what_is_big_is_not_fetched_with_the_first_page(manifest: Manifest) -> None:
    seen: set[str] = set()
    files = [file for name in LANDING for file in with_imports(manifest, name, seen)]
    assert not [file for file in files if any(word in file for word in LATE)]


def test_every_page_is_fetched_by_itself(manifest: Manifest) -> None:
    pages = {
        name for name in manifest if name.startswith("src/features/") and name.endswith("Page.tsx")
    }
    assert len(pages) >= 18
    assert all(manifest[name].get("isDynamicEntry") for name in pages)
