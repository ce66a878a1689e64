"""What is said of all is told in one way; what is said of the last only stays."""

from __future__ import annotations

import pytest

from alma.core.language.wording.of_all import of_all


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("kafka and nats, every one with 4 cores", "kafka and nats, all of them with 4 cores"),
        ("a vm and a db. Both should be backed up daily", "a vm and a db, all of them backed up daily"),
        ("gitea, drone. Give each 2 cores", "gitea, drone, all of them with 2 cores"),
        ("redis and mongo. 2 cores and 4GB for everything.", "redis and mongo, all of them with 2 cores and 4GB."),
        ("mysql and redis, all of them with 2 GB except mysql which gets 8",
         "mysql and redis, all of them with 2 GB, mysql with 8"),
        ("an lxc each for gitea and drone; 1 core", "gitea and drone as lxc each, all of them with 1 core"),
        ("4GB for jellyfin, 2 for nextcloud", "4GB for jellyfin, 2 GB for nextcloud"),
    ],
)  # fmt: skip
def test_what_is_said_of_all_is_told_in_one_way(said: str, told: str) -> None:
    assert of_all(said, {"gitea", "drone"}.__contains__) == told


@pytest.mark.parametrize(
    "said", ["a db and 2 servers, each with 8GB", "two vms with 4GB each", "everything on docker"]
)
def test_what_is_said_of_the_last_stays(said: str) -> None:
    assert of_all(said, {"gitea", "drone"}.__contains__) == said
