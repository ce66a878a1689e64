"""Turns of phrase are put plainly before a message is read, and all others stay as they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alma.core.language.firewalls.restricting import restricting
from alma.core.language.wording.amounts_apart import put_together
from alma.core.language.wording.depending import depending
from alma.core.language.wording.excepting import excepting
from alma.core.language.wording.exposure import exposing
from alma.core.language.wording.instead import without_old
from alma.core.language.wording.turning import turned

Way = Callable[[str], str]


@pytest.mark.parametrize(
    ("way", "message", "plain"),
    [
        (excepting, "8GB for all vms but web-2", "8GB for all vms except web-2"),
        (excepting, "drop the lot apart from the db", "drop everything except the db"),
        (excepting, "all on 2 cores, search excluded", "all on 2 cores except search"),
        (
            excepting,
            "backups for all, only vpn doesn't need any",
            "backups for everything except vpn",
        ),
        (restricting, "nobody but the api may reach the db", "only the api may reach the db"),
        (restricting, "restrict access to db to web and api", "only web and api may reach db"),
        (restricting, "lock db down so only api can reach it", "only api may reach db"),
        (put_together, "give it 4 more gigs", "give it 4 gigs more"),
        (put_together, "2 less GB of ram", "2 GB less ram"),
        (without_old, "hourly backups instead of daily", "hourly backups instead"),
        (without_old, "kept for a year rather than a week", "kept for 1 year instead"),
        (without_old, "disk 2TB -> 5TB, cpu 16 -> 24", "disk to 5TB, 24 cores"),
        (depending, "api has to wait for pg when starting", "api depends on pg"),
        (depending, "b should get traffic through lb", "put b behind lb"),
        (exposing, "expose api to the outside on 3000", "open 3000 on api. make api public"),
        (exposing, "hide the db from the internet", "make the db internal"),
        (turned, "batch should go by the name of jobs", "batch should be called jobs"),
        (turned, "clients is a silly name, make it customers", "rename clients to customers"),
        (turned, "one api instance less", "one fewer api instance"),
        (turned, "release 5.1.0 of lobby and match", "upgrade lobby and match to 5.1.0"),
        (turned, "don't touch db, double everything else", "double everything except db"),
    ],
)
def test_it_is_put_plainly(way: Way, message: str, plain: str) -> None:
    assert way(message) == plain


@pytest.mark.parametrize(
    ("way", "message"),
    [
        (excepting, "all servers are fine but web-2 should have 8GB"),
        (excepting, "add a vm, but not a big one"),
        (restricting, "access to the docs is for everyone"),
        (put_together, "4 more servers"),
        (without_old, "use mysql instead of postgres"),
        (without_old, "scale web 2 -> 4"),
        (depending, "wait for the deployment"),
        (exposing, "expose api on 3000"),
        (turned, "give web one core less"),
        (turned, "api should go to 4 replicas"),
        (turned, "release the kraken"),
    ],
)
def test_what_says_something_else_stays(way: Way, message: str) -> None:
    assert way(message) == message
