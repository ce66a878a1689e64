"""Test images must come from the host's own Debian archives and from nobody else's."""

from pathlib import Path

import pytest

from tests.images import build

STANZA = """\
Types: deb deb-src
# a comment between the fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


@pytest.fixture(autouse=True)
def bookworm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "codename", lambda: "bookworm")


def test_a_stanza_becomes_one_line_per_suite() -> None:
    signed = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    assert build.one_line_entries(STANZA) == [
        f"{signed} http://mirror.example/debian bookworm main contrib",
        f"{signed} http://mirror.example/debian bookworm-updates main contrib",
    ]


@pytest.mark.parametrize("change", ["Enabled: no\n", "Types: deb-src\n"])
def test_a_stanza_without_packages_gives_nothing(change: str) -> None:
    assert build.one_line_entries(STANZA.replace("Types: deb deb-src\n", "") + change) == []


def test_an_embedded_key_is_left_to_the_trusted_ones() -> None:
    stanza = (
        "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n"
    )
    assert build.one_line_entries(stanza) == ["deb http://m.example/debian bookworm main"]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("deb http://mirror.example/debian bookworm main", True),
        ("deb [arch=amd64] http://mirror.example/debian bookworm-security main", True),
        ("deb https://packages.example/apt cloud-sdk-bookworm main", False),
        ("deb https://download.example/linux/debian bookworm stable", False),
        ("deb https://apt.example/repo bookworm-pgdg main", False),
        ("deb-src http://mirror.example/debian bookworm main", False),
        ("# deb http://mirror.example/debian bookworm main", False),
    ],
)
def test_only_the_distribution_itself_is_used(line: str, wanted: bool) -> None:
    assert build.is_distribution(line) is wanted


def test_somebody_elses_image_is_recognised_by_its_missing_label() -> None:
    assert build.compare(None, "new") is build.Presence.MISSING
    assert build.compare({}, "new") is build.Presence.FOREIGN
    assert build.compare({build.LABEL: "old"}, "new") is build.Presence.STALE
    assert build.compare({build.LABEL: "new"}, "new") is build.Presence.CURRENT


def test_files_are_packed_as_roots_and_scripts_can_be_run(tmp_path: Path) -> None:
    import tarfile

    nginx = next(image for image in build.IMAGES if image.name == "nginx")
    build.write_overlay(nginx, tmp_path / "overlay.tar")
    with tarfile.open(tmp_path / "overlay.tar") as overlay:
        entry = overlay.getmember("docker-entrypoint.sh")
        page = overlay.getmember("usr/share/nginx/html/index.html")
    assert (entry.uid, entry.mode, page.mode) == (0, 0o755, 0o644)
