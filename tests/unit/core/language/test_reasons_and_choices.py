"""Why something is to go, what is preferred over what, which of several goes, and amounts that stay what was said."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import held, names_of, shop

_SITE = shop(
    {"name": "lb", "type": "load_balancer"},
    {"name": "web", "type": "vm", "specs": {"cpu": 2, "memory": "2GB"}},
    {"name": "db", "type": "database", "engine": "postgresql"},
    {"name": "cache", "type": "cache", "engine": "redis"},
)
_SYSTEMS = shop(
    *({"name": name, "type": "vm", "image": "ubuntu:22.04"} for name in ("web-1", "web-2"))
)


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("drop the load balancer, we don't need it with one server", {"lb"}),
        ("Take out the balancer, with one machine it makes no sense", {"lb"}),
        ("drop the load balancer since we only have one server", {"lb"}),
        ("please remove the load balancer, there's only one server anyway", {"lb"}),
        ("Delete the load balancer, it's overkill for a single machine", {"lb"}),
        ("drop the cache, too expensive for a single vm", {"cache"}),
        ("remove the cache as the server has enough memory", {"cache"}),
        ("remove the cache, not worth it with a database this small", {"cache"}),
        ("scrap the cache; with a database this small it's pointless", {"cache"}),
        ("we don't need a load balancer with one server, remove it", {"lb"}),
        ("drop the load balancer we don't need it with one server", {"lb"}),
        ("the load balancer can go, with one server it's useless", {"lb"}),
        ("drop the load balancer and the server", {"lb", "web"}),
        ("remove the load balancer, the cache can go too", {"lb", "cache"}),
        ("remove the cache, and with it the load balancer", {"lb", "cache"}),
        ("remove the cache, we don't need the load balancer either", {"lb", "cache"}),
    ],
)
def test_what_stands_in_the_reason_of_a_removal_stays(
    interpreter: Interpreter, said: str, gone: set[str]
) -> None:
    left, _ = held(interpreter, [said], _SITE)
    assert set(names_of(_SITE)) - set(names_of(left)) == gone
    assert len(left.resources) == len(_SITE.resources) - len(gone)


@pytest.mark.parametrize(
    "said",
    [
        "I'd prefer Debian over Ubuntu on web-1",
        "I'd rather have Debian than Ubuntu on web-1",
        "I'd prefer Debian instead of Ubuntu on web-1",
        "I'd prefer debian 12 over ubuntu 22.04 on web-1",
        "Debian over Ubuntu on web-1 please",
        "put debian on web-1 instead of ubuntu",
    ],
)
def test_what_is_preferred_runs(interpreter: Interpreter, said: str) -> None:
    made, _ = held(interpreter, [said], _SYSTEMS)
    images = [str(r.image) for r in made.resources]
    assert images[0].startswith("debian")
    assert images[1:] == ["ubuntu:22.04"]


@pytest.mark.parametrize("said", ["remove one of them", "delete two of them", "one of them can go"])
def test_of_those_with_names_of_their_own_it_asks_which(
    interpreter: Interpreter, said: str
) -> None:
    draft, read = held(interpreter, ["Create three VMs named red, green and blue", said])
    assert len(draft.resources) == 3
    assert read.question is not None


def test_of_anonymous_equals_the_last_goes(interpreter: Interpreter) -> None:
    draft, read = held(interpreter, ["create three vms", "remove one of them"])
    assert names_of(draft) == ["vm-1", "vm-2"]
    assert read.question is None


@pytest.mark.parametrize(
    ("first", "cpu", "memory"),
    [
        ("I need 3 VMs with 2 cores each for our microservices", 2, "512MB"),
        ("3 vms with 4GB and 2 cores", 2, "4GB"),
        ("3 vms", 1, "512MB"),
    ],
)
@pytest.mark.parametrize("said", ["Hmm, make them containers instead", "no, containers please"])
def test_amounts_that_were_said_stay_in_another_kind(
    interpreter: Interpreter, first: str, cpu: int, memory: str, said: str
) -> None:
    draft, _ = held(interpreter, [first, said])
    assert len(draft.resources) == 3
    for resource in draft.resources:
        assert resource.specs is not None
        assert (str(resource.type), resource.specs.cpu) == ("container", cpu)
        assert str(resource.specs.memory) == memory
