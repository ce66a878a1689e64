"""Whoever gets something in a first request is told as what it is for, with the number of things that are meant."""

from __future__ import annotations

import pytest

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.wording.retelling import told_of_each


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("My two daughters study informatics, they each need a vm", "My daughters study informatics. I need 2 vm"),
        ("Our 3 teams work apart: each team has its own gitlab and a runner",
         "Our teams work apart. I need 3 gitlab, 3 runner"),
        ("There are four of us here and each of us wants a VM", "There are of us here. I need 4 VM"),
        ("a queue between the systems, where each of the two systems is a VM", "a queue between the systems, 2 VM"),
        ("both a blue and a green copy of it, each copy being one web server plus one Postgres",
         "2 web server, 2 Postgres"),
    ],
)  # fmt: skip
def test_what_each_gets_is_counted(said: str, told: str, gazetteer: Gazetteer) -> None:
    assert told_of_each(said, gazetteer) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Give the shop two servers with 4GB and the office one with 16GB.",
         "I need two servers with 4GB for the shop, 1 server with 16GB for the office."),
        ("My brother needs a VM with 8 cores and 24GB of RAM, I need one half that size",
         "I need a VM with 8 cores and 24GB of RAM for My brother, 1 VM with 4 cores and 12GB of RAM"),
        ("a VM with 3 cores and 6GB and another twice as big",
         "a VM with 3 cores and 6GB and another VM with 6 cores and 12GB"),
        ("a VM with a public IP for the site and one without", "a VM with a public IP for the site and one VM without"),
    ],
)  # fmt: skip
def test_a_number_stands_for_what_was_named_before(
    said: str, told: str, gazetteer: Gazetteer
) -> None:
    assert told_of_each(said, gazetteer) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("For invoices a Postgres, for sessions a Redis.", "a Postgres for invoices, a Redis for sessions."),
        ("The server for the shop needs 8GB. The server for the blog should have 2GB",
         "a server for the shop with 8GB. a server for the blog with 2GB"),
        ("and something small, 1 core, to send mails", "and a small server, 1 core, to send mails"),
        ("jellyfin; the other two, sonarr and radarr, can live with 1GB each",
         "jellyfin; sonarr and radarr with 1GB each"),
        ("a mail server and a spam filter (2 cores) as separate virtual machines",
         "a mail server and a spam filter machine (2 cores), all vms"),
        ("a pihole and a unifi controller, both in LXC", "a pihole and a unifi controller, all LXC containers"),
    ],
)  # fmt: skip
def test_what_things_are_for_comes_after_them(said: str, told: str, gazetteer: Gazetteer) -> None:
    assert told_of_each(said, gazetteer) == told


@pytest.mark.parametrize(
    "said",
    [
        "three servers, each gets 4GB of RAM",
        "two VMs, each with a 100GB disk",
        "three web servers, each with its own database",
        "a vm with 8 cores and RAM 16",
        "I need a vm with 4GB and a db with 8GB",
        "postgres 16 and redis 7",
        "for 2 days I was without power",
        "for the website we need two web servers",
        "The server for the shop needs 8GB",
        "jellyfin in an LXC",
        "a web server with 2 cores",
        "each of them should be backed up",
    ],
)
def test_what_says_something_else_stays(said: str, gazetteer: Gazetteer) -> None:
    assert told_of_each(said, gazetteer) == said
