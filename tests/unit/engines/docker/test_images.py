"""From the names people use to image references, and from an image to how it is run."""

from __future__ import annotations

from typing import Any

import pytest

from alma.engines.docker.images import ImageFacts
from alma.engines.docker.session import Progress
from alma.engines.systems import image_of
from tests.unit.engines.docker.wishes import wish


@pytest.mark.parametrize(
    ("said", "image"),
    [
        ("alpine", "alpine:3.20"),
        ("Alpine", "alpine:3.20"),
        ("debian-12", "debian:12"),
        ("Ubuntu 24.04", "ubuntu:24.04"),
        ("ubuntu-24.04", "ubuntu:24.04"),
        ("nginx:1.27", "nginx:1.27"),
        ("ghcr.io/Shop/app:2", "ghcr.io/Shop/app:2"),
        (None, "debian:12"),
    ],
)
def test_operating_systems_have_names_and_other_images_stay_as_written(
    said: str | None, image: str
) -> None:
    assert image_of(wish(image=said)) == image


@pytest.mark.parametrize(
    ("config", "idles", "init"),
    [
        ({"Cmd": ["/bin/sh"]}, True, False),
        ({"Cmd": ["bash"]}, True, False),
        ({}, True, False),
        ({"Cmd": ["sh", "-c", "serve"]}, False, False),
        ({"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["postgres"]}, False, False),
        ({"Entrypoint": ["/usr/bin/tini", "--"], "Cmd": ["serve"]}, False, True),
        ({"Cmd": ["/sbin/init"]}, False, True),
    ],
)
def test_an_image_tells_whether_it_stays_and_who_reaps(
    config: dict[str, Any], idles: bool, init: bool
) -> None:
    assert ImageFacts.of({"Config": config}) == ImageFacts(idles=idles, init=init)


def _downloading(layer: str, current: int, total: int = 1000) -> dict[str, Any]:
    detail = {"current": current, "total": total}
    return {"id": layer, "status": "Downloading", "progressDetail": detail}


def test_progress_is_said_when_it_has_grown_and_never_twice() -> None:
    progress = Progress()
    lines = [_downloading("a", amount) for amount in (1, 60, 61, 70, 120, 120, 1000)]
    said = [progress.after(line) for line in lines]
    assert said == [None, 6, None, None, 12, None, 100]


def test_a_layer_that_appears_late_never_takes_progress_back() -> None:
    progress = Progress()
    assert progress.after(_downloading("a", 900)) == 90
    assert progress.after(_downloading("b", 0)) is None
    assert progress.after({"id": "a", "status": "Download complete"}) is None
    assert progress.after(_downloading("b", 950)) == 97


def test_lines_without_an_amount_are_no_progress() -> None:
    progress = Progress()
    assert progress.after({"status": "Pulling from library/nginx", "id": "1.27"}) is None
    assert progress.after({"status": "Downloading", "id": "a", "progressDetail": {}}) is None
