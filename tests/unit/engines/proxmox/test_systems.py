"""The file of operating systems, which users may edit: what is in it holds together, and names are found."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from importlib.resources import files

import pytest

from alma.engines.proxmox.shape import DEFAULT_IMAGE
from alma.engines.proxmox.systems import file_of, load, plain
from tests.integration.proxmox.estate import TEMPLATES


def test_every_name_means_one_system_and_is_found_as_it_is_written_there() -> None:
    names = [name for system in load().systems.values() for name in system.names]
    assert len(names) == len(set(names))
    assert all(name == plain(name) for name in names)


def test_every_system_can_be_had_in_some_way_and_every_image_over_tls() -> None:
    for system in load().systems.values():
        assert system.container or system.image
        assert (system.image or "https://").startswith("https://")
        assert (system.checksums or "https://").startswith("https://")


def test_two_systems_never_have_the_same_file_unless_it_is_the_same_image() -> None:
    images = {system.image for system in load().systems.values() if system.image}
    assert len({file_of(image) for image in images}) == len(images)


@pytest.mark.parametrize("name", ["debian", "Debian 12", "debian:12", "BOOKWORM", "debian_12"])
def test_a_name_is_found_however_it_is_written(name: str) -> None:
    found = load().find(name)
    assert found is not None
    assert found.name == "debian-12"


def test_the_default_is_a_system() -> None:
    assert load().find(DEFAULT_IMAGE) is not None


def test_the_names_that_docker_knows_are_known_here_too() -> None:
    """A blueprint that names a system lands on either engine."""
    text = files("alma.config").joinpath("os-images.toml").read_text(encoding="utf-8")
    common = ("alpine", "debian", "ubuntu", "fedora", "rocky", "almalinux", "opensuse", "arch")
    names = [n for n in tomllib.loads(text)["images"] if n.partition("-")[0] in common]
    assert [name for name in names if load().find(name) is None] == []


@pytest.mark.parametrize(
    ("name", "file"),
    [("debian-12", TEMPLATES[1]), ("alpine", TEMPLATES[3]), ("alpine-3.21", TEMPLATES[4])],
)
def test_patterns_match_the_names_that_proxmox_lists(name: str, file: str) -> None:
    system = load().find(name)
    assert system is not None
    assert system.container is not None
    assert fnmatchcase(file, system.container)


def test_no_address_gives_a_file_that_is_taken_for_that_of_another() -> None:
    systems = load()
    debian = systems.find("debian-12")
    assert debian is not None
    assert debian.image is not None
    name = debian.image.rpartition("/")[2]
    urls = [
        f"https://one.example.org/{name}",
        f"https://two.example.org/{name}",
        "https://x/a b.img",
    ]
    files = [systems.file_at(url) for url in urls]
    assert systems.file_at(debian.image) == debian.file
    assert len({*files, debian.file}) == 4
    assert systems.by_file(files[0]) is None
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+-[0-9a-f]{16}\.qcow2", file) for file in files)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("https://example.org/a/disk.qcow2", "disk.qcow2"),
        ("https://example.org/a/disk.img?x=1", "disk.qcow2"),
        ("https://example.org/a/disk.raw", "disk.raw"),
    ],
)
def test_an_image_gets_a_name_by_which_proxmox_knows_its_format(url: str, file: str) -> None:
    assert file_of(url) == file
