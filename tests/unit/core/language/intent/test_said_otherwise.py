"""What is wanted, said in other words than the verb there is for it, and what only sounds alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import Intent, SetBlueprint
from tests.unit.core.language.conversing import drafted, held, kinds_of, names_of, shop

SHOP = shop(
    {"name": "web-1", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
    {"name": "web-2", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
    {"name": "orders", "type": "database", "engine": "postgresql"},
    {"name": "cache-1", "type": "cache", "engine": "redis"},
)


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("IPR 7 gets a no from me: nobody tested the firewall rules.", Intent.REJECT),
        ("Turn request 6 down.", Intent.REJECT),
        ("I'm rejecting the plan.", Intent.REJECT),
        ("Request 12 gets a thumbs down from us, it is too expensive.", Intent.REJECT),
        ("Request 8: denied, too expensive.", Intent.REJECT),
        ("IPR 11 is not approved.", Intent.REJECT),
        ("Number 5 is approved.", Intent.APPROVE),
        ("I'm giving IPR 10 the go-ahead.", Intent.APPROVE),
        ("Please accept request 7.", Intent.APPROVE),
        ("Make it happen on docker.", Intent.DEPLOY),
        ("Please launch the whole stack.", Intent.DEPLOY),
        ("You can start building it now.", Intent.DEPLOY),
        ("Please put the changes into effect.", Intent.DEPLOY),
        ("can you put us back on the version that was live on Tuesday?", Intent.ROLLBACK),
        ("Bring back what was running yesterday.", Intent.ROLLBACK),
        ("Reset everything to version 3.", Intent.ROLLBACK),
        ("Take us back to the previous release.", Intent.ROLLBACK),
        ("Erase the stack completely.", Intent.DESTROY),
        ("Please get rid of the whole setup for good.", Intent.DESTROY),
        ("Step back one.", Intent.UNDO),
        ("I didn't mean that, please revert it.", Intent.UNDO),
        ("That was wrong, go back.", Intent.UNDO),
        ("Please cancel what I just changed.", Intent.UNDO),
        ("Take the whole stack to Hetzner.", Intent.MIGRATE),
        ("Transfer the environment to Kubernetes.", Intent.MIGRATE),
        ("Could you bring this to Proxmox?", Intent.MIGRATE),
        ("Name all databases in the blueprint.", Intent.LIST),
        ("DON'T DELETE ANYTHING. JUST SHOW ME WHAT IS IN THIS BLUEPRINT.", Intent.LIST),
        ("Please don't change anything, I only want to know what it costs.", Intent.COST),
        ("Can we bring the bill down?", Intent.COST),
        ("Put Docker and Proxmox next to each other for us.", Intent.COMPARE),
        ("What platforms do you support?", Intent.HELP),
        ("What are you able to do?", Intent.HELP),
        ("wtf is eating all the cpu on web-2??", Intent.TROUBLESHOOT),
        ("Don't touch orders. Why is web-1 so slow?", Intent.TROUBLESHOOT),
    ],
)
def test_acts_and_questions_have_many_words(
    interpreter: Interpreter, said: str, intent: Intent
) -> None:
    found = interpreter.interpret(said, blueprint=SHOP)
    assert found.intent is intent
    # Where it shall run may be said with it; nothing else changes.
    assert all(isinstance(edit, SetBlueprint) and edit.engine for edit in found.edits)
    if intent is Intent.REJECT and any(map(str.isdigit, said)):
        assert found.ipr_id


@pytest.mark.parametrize(
    "said",
    [
        "Request 5 is not approved yet.",
        "Turn it down.",
        "Has request 6 been turned down?",
        "Should we accept request 7?",
        "Bob is giving request 10 the go-ahead.",
        "Bob says to launch the whole stack.",
        "Can you handle 500 users?",
        "name the database shopdb",
    ],
)
def test_what_only_sounds_alike_does_nothing_else(interpreter: Interpreter, said: str) -> None:
    found = interpreter.interpret(said, blueprint=SHOP)
    deeds = {Intent.APPROVE, Intent.REJECT, Intent.DEPLOY, Intent.HELP, Intent.LIST}
    assert found.intent not in deeds or found.question


WISHED: Mapping[str, Mapping[str, Any]] = {
    "I was wondering whether you could bring the disk of orders up to 2TB.": {"orders": ("disk", "2TB")},
    "Perhaps you could give web-2 8GB of memory, if that's no trouble?": {"web-2": ("memory", "8GB")},
    "Would somebody please raise the memory of web-1 to 16GB?": {"web-1": ("memory", "16GB")},
    "Could the memory of web-1 be cut to 2GB?": {"web-1": ("memory", "2GB")},
    "web-2 has too little memory, 8GB would be right.": {"web-2": ("memory", "8GB")},
    "Please change the cores like this:\n| VM | now | wanted |\n| web-1 | 2 | 4 |\n| web-2 | 2 | 6 |": {
        "web-1": ("cpu", "4"), "web-2": ("cpu", "6")},
    "| name | current RAM | new RAM |\n|---|---|---|\n| web-1 | 4 | 8 |\n| web-2 | 4 | 12 |": {
        "web-1": ("memory", "8GB"), "web-2": ("memory", "12GB")},
    "To do:\nVM      setting   from   to\nweb-1   cores    2      4\norders   disk   50GB   200GB": {
        "web-1": ("cpu", "4"), "orders": ("disk", "200GB")},
    "host;RAM now;RAM wanted\nweb-1;4GB;same\nweb-2;4GB;6GB": {"web-2": ("memory", "6GB"), "web-1": ("memory", "4GB")},
}  # fmt: skip


@pytest.mark.parametrize("said", WISHED)
def test_amounts_are_set_however_politely_or_in_columns(
    interpreter: Interpreter, said: str
) -> None:
    after, _ = held(interpreter, [said], SHOP)
    assert set(names_of(after)) == set(names_of(SHOP))
    for name, (spec, value) in WISHED[said].items():
        resource = after.resource(name)
        assert resource is not None
        assert str(getattr(resource.specs, spec)) == value


@pytest.mark.parametrize(
    ("said", "gone", "new"),
    [
        ("My colleague left last week and his test machine web-2 is still in our blueprint. Please remove it.",
         {"web-2"}, set()),
        ("His VM called web-1 is still there. Could you take it out? The rest should stay.", {"web-1"}, set()),
        ("Perhaps you could rename the VM called web-1 to staging-web, please?", {"web-1"}, {"staging-web"}),
        ("rename the VM web-2 to shop-front, thanks", {"web-2"}, {"shop-front"}),
        ("Rename the machines:\n| old | new |\n| web-1 | front |\n| web-2 | back |", {"web-1", "web-2"},
         {"front", "back"}),
        ("Would it be possible to have one more VM called runner-2, same specs as web-1?", set(), {"runner-2"}),
        ("Add a copy of web-1 called web-1-qa, same size.", set(), {"web-1-qa"}),
        ("If there's no firewall in the setup yet, please put one in.", set(), {"fw-1"}),
        ("Add a queue unless we have one.", set(), {"queue-1"}),
        ("In case we have no load balancer yet, add one please.", set(), {"lb-1"}),
        ("If there's no cache in the draft, could you add one?", set(), set()),
        ("Please add a redis if there isn't one yet.", set(), set()),
        ("If the test passes, add a queue.", set(), set()),
    ],
)  # fmt: skip
def test_names_go_and_come_as_meant(
    interpreter: Interpreter, said: str, gone: set[str], new: set[str]
) -> None:
    after, _ = held(interpreter, [said], SHOP)
    assert set(names_of(after)) == (set(names_of(SHOP)) - gone) | new
    assert after.name == SHOP.name


@pytest.mark.parametrize(
    ("said", "types"),
    [
        ("What: LXC\nHow many: 3\nOS: Ubuntu 22.04\nCPU: 2\nRAM: 4GB each", ["container"] * 3),
        ("Item: virtual machine\nNumber of: 4\nImage: rocky 9\nCores: 8", ["vm"] * 4),
        ("Web server: nginx\nDatabase: mariadb\nRuns on: Docker", ["service", "database"]),
        ("Web server: caddy\nDatabase: postgres\nCache: redis", ["service", "database", "cache"]),
        ("Please build these, both are VMs on Proxmox:\nhost    cores  memory\nmail01  2      4GB\nweb01   4   12GB",
         ["vm", "vm"]),
        ("Set up these (all of them containers):\nname | cores | ram\na1 | 2 | 4GB\nb1 | 4 | 12GB",
         ["container", "container"]),
        ("Would somebody please arrange a VM with 4 cores for the video team?", ["vm"]),
    ],
)  # fmt: skip
def test_forms_make_what_their_fields_say(
    interpreter: Interpreter, said: str, types: list[str]
) -> None:
    assert kinds_of(drafted(interpreter, said)) == Counter(types)
