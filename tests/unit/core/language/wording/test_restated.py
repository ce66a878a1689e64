"""Wishes that say beside a thing what belongs into it are put as the thing with what it has."""

from __future__ import annotations

import pytest

from alma.core.language.wording.restated import restated


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("A Kubernetes cluster whose control plane has 3 nodes and whose worker pool has 6",
         "A Kubernetes cluster with 3 control plane nodes and 6 workers"),
        ("a k8s cluster with a control plane of 3 nodes and a worker pool of 6",
         "a k8s cluster with 3 control plane nodes and 6 workers"),
        ("a VM whose disk is 200GB and whose memory should be 16GB", "a VM with 200GB disk and 16GB memory"),
        ("16GB of memory for an OpenSearch that powers the search, and 8GB of memory for a Postgres 15",
         "an OpenSearch with 16GB of memory that powers the search, and a Postgres 15 with 8GB of memory"),
        ("The frontend (two VMs) talks to the backend (one VM with 4GB of RAM)",
         "two frontend VMs talks to one backend VM with 4GB of RAM"),
        ("three server VMs and eight client VMs, the former with 2 cores, the latter with 8",
         "three server VMs with 2 cores and eight client VMs with 8 cores"),
        ("two web VMs and four batch VMs; the former have 4GB of RAM and the latter 16GB",
         "two web VMs with 4GB of RAM and four batch VMs with 16GB"),
        ("4 cores for a Jenkins and 8 cores for a GitLab", "a Jenkins with 4 cores and a GitLab with 8 cores"),
        ("QA needs the same thing as production, namely three VMs and a Postgres, so make both",
         "production and QA both need three VMs and a Postgres"),
        ("Where requests land, two nginx containers; where the data lives, a MongoDB",
         "I need two nginx containers; a MongoDB"),
        ("Everything for a Django app, meaning one app server and a Redis cache",
         "I need one app server and a Redis cache"),
        ("Databases db-main and db-report, both MySQL 8", "2 Databases, db-main and db-report, both MySQL 8"),
    ],
)  # fmt: skip
def test_it_is_told_of_the_thing(said: str, told: str) -> None:
    assert restated(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "where are my two VMs?",
        "a VM with 16GB of memory for a Postgres",
        "One VM with 4 cores, 8GB RAM for a Jenkins",
        "can I get a VM with 1 core and 2GB for a mail relay?",
        "the team whose budget is small needs a VM",
        "the backend (Python) needs a VM",
        "everything for the shop: two web servers and a MySQL",
        "databases and servers, the first of them today",
    ],
)
def test_what_is_told_otherwise_stays(said: str) -> None:
    assert restated(said) == said


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("a redis named hot and a vm named cold, 2GB ram for hot, 40GB disk for cold",
         "a redis named hot and a vm named cold, hot with 2GB ram, cold with 40GB disk"),
        ("one vm named a1 for mail, one vm named b1, the first 1GB the second 16GB",
         "one vm named a1 for mail, one vm named b1, a1 with 1GB, b1 with 16GB"),
        ("a VM called web and an LXC called db, the former 2 cores, the latter 4 cores",
         "a VM called web and an LXC called db, web with 2 cores, db with 4 cores"),
        ("a vm called web and a vm called db, 20GB for logs", None),
        ("a vm called web with 2GB, the first 30 days are a trial", None),
        ("a vm named a1, first 30 days free, and a vm named b1", None),
    ],
)  # fmt: skip
def test_what_is_told_of_things_that_were_named_one_by_one(said: str, read: str | None) -> None:
    assert restated(said) == (read or said)
