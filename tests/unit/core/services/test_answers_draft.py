"""What is told of the draft: its values and their origins, what changed, what could be better."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Origin, ResourceType
from alma.core.model.conversation import Intent, Interpretation, SetField
from alma.core.model.ipr import ReviewAction
from alma.core.model.principal import LOCAL
from alma.core.model.yaml_reader import read_yaml
from alma.core.services.answers.difference import difference
from tests.people import somebody
from tests.unit.core.services.asking import (
    WEB_AND_DB,
    Desk,
    blueprint,
    catalogue,
    changed,
    compliance,
    desk,
    interpreter,
)

CASES = Path(__file__).resolve().parents[3] / "cases" / "language"
ASKED = (
    Intent.STATUS,
    Intent.LIST,
    Intent.EXPLAIN,
    Intent.COST,
    Intent.COMPARE,
    Intent.CAPACITY,
    Intent.TROUBLESHOOT,
    Intent.SUGGEST,
    Intent.AUDIT,
    Intent.FORECAST,
    Intent.MIGRATE,
    Intent.HELP,
    Intent.APPROVE,
)
_ORIGINS = {
    "resources.web-1.specs.memory": Origin.DEFAULT,
    "resources.web-2.specs.memory": Origin.INFERRED,
    "resources.db-1.specs": Origin.WORDS,
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


# ── explaining ───────────────────────────────────────────────────────────────────────────────────


async def test_a_resource_is_explained_with_each_value_and_its_origin(here: Desk) -> None:
    draft = here.save(WEB_AND_DB, origins=_ORIGINS)

    told = here.told(Intent.EXPLAIN, "what is web-1?", draft=draft, subject="web-1")

    assert told.text.startswith("web-1 is a virtual machine running nginx")
    assert "memory 4GB (a default)" in told.text
    assert told.data["resources"] == ["web-1"]


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("why 4GB?", "web-1's memory is 4GB: a default; web-2's memory is 4GB: a guess"),
        ("why does web-1 have 4GB?", "web-1's memory is 4GB: a default."),
        ("why does db-1 have so much memory?", "db-1's memory is 8GB: your words."),
        ("why 8 GB?", "db-1's memory is 8GB: your words."),
    ],
)
async def test_why_a_value_is_so_names_where_it_came_from(
    here: Desk, message: str, says: str
) -> None:
    draft = here.save(WEB_AND_DB, origins=_ORIGINS)
    assert says in here.told(Intent.EXPLAIN, message, draft=draft).text


async def test_no_answer_repeats_what_variables_and_commands_hold(here: Desk) -> None:
    hidden = {"env": {"DB_PASSWORD": "hunter2"}, "command": ["serve", "--token", "hunter2"]}
    first = here.save(WEB_AND_DB)
    second = here.saved_again(first, changed(WEB_AND_DB, "web-1", **hidden))
    third = here.saved_again(second, changed(WEB_AND_DB, "web-1", env={"DB_PASSWORD": "hunter3"}))
    for draft in (second, third):
        for intent in ASKED:
            for message in ("what is web-1?", "why DB_PASSWORD?", "why hunter2?", "what changed?"):
                told = here.told(intent, message, draft=draft)
                assert "hunter" not in f"{told.text}{told.data}"

    changes = here.told(Intent.COMPARE, "what changed?", draft=third).data["changes"]
    assert changes == ["web-1: command taken out, DB_PASSWORD changed"]


async def test_an_origin_that_is_not_kept_is_not_invented(here: Desk) -> None:
    draft = here.save(WEB_AND_DB)

    told = here.told(Intent.EXPLAIN, "why 100GB?", draft=draft)

    assert told.data["values"] == [
        {"path": "resources.db-1.specs.disk", "value": "100GB", "origin": None}
    ]


async def test_what_a_removal_would_leave_is_computed_from_the_draft(here: Desk) -> None:
    told = here.told(
        Intent.EXPLAIN, "what would happen if I removed web-1?", draft=here.save(WEB_AND_DB)
    )
    alone = here.told(
        Intent.EXPLAIN, "what would happen if I removed db-1?", draft=here.save(WEB_AND_DB)
    )

    assert told.data == {"dependents": ["lb-1"], "left": ["web-2"]}
    assert alone.data == {"dependents": [], "left": []}


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("what is drift?", "without ALMA since the last deployment"),
        ("What is an IPR?", "asks for one plan to run"),
        ("how do I deploy?", "when its plan is approved"),
        ("how do I roll back?", "Say roll back"),
        ("what is redis?", catalogue().software["redis"].default_version),
        ("what is a message queue?", catalogue().defaults[ResourceType.QUEUE]),
        ("explain the postgres-ha template", "postgres-ha: "),
    ],
)
@pytest.mark.parametrize("drafted", [True, False])
async def test_notions_ways_software_and_templates_are_explained(
    here: Desk, message: str, says: str, *, drafted: bool
) -> None:
    draft = here.save(WEB_AND_DB) if drafted else None
    assert says in here.told(Intent.EXPLAIN, message, draft=draft).text


async def test_why_something_is_there_names_whose_word_it_was_and_what_it_serves(
    here: Desk,
) -> None:
    draft = here.save(WEB_AND_DB, origins={"resources.lb-1.type": Origin.INFERRED})

    told = here.told(Intent.EXPLAIN, "why is there a load balancer?", draft=draft)

    assert (
        told.text
        == "You did not ask for lb-1: it was added by a guess from the context; it spreads over web-1 and web-2."
    )


@pytest.mark.parametrize("intent", [Intent.EXPLAIN, Intent.STATUS])
async def test_whether_something_is_backed_up_or_public_is_told_as_the_draft_has_it(
    here: Desk, intent: Intent
) -> None:
    safe = changed(
        WEB_AND_DB,
        "db-1",
        backup={"schedule": "daily"},
        network={"public_ip": True, "ports": [5432]},
    )

    def told(message: str, document: dict[str, Any]) -> str:
        return here.told(intent, message, draft=here.save(document)).text

    assert told("is the database backed up?", WEB_AND_DB) == "In the draft db-1 has no backups."
    assert told("is the database backed up?", safe) == "In the draft db-1 has daily backups."
    assert told("is the database public?", WEB_AND_DB) == "In the draft db-1 is private."
    assert "from outside on port 5432" in told("is the database public?", safe)


async def test_who_approved_is_told_from_the_drafts_newest_request(here: Desk) -> None:
    draft = here.save(WEB_AND_DB)
    nobody = here.told(Intent.EXPLAIN, "who approved it?", draft=draft)
    ipr = await here.world.iprs.open(LOCAL, title="goes live", blueprint_id=draft.id)
    here.world.iprs.review(somebody("bob"), ipr.id, action=ReviewAction.APPROVE)

    told = here.told(Intent.EXPLAIN, "who approved it?", draft=draft)

    assert nobody.text == "There is no request of it yet."
    assert "bob said approve" in told.text
    assert told.data["ipr_id"] == ipr.id


async def test_what_is_not_understood_is_not_passed_off_as_an_answer(here: Desk) -> None:
    draft = here.save(WEB_AND_DB)
    lost = here.told(Intent.EXPLAIN, "wherefore zeppelins?", draft=draft)
    whole = here.told(Intent.EXPLAIN, "explain this blueprint", draft=draft)

    assert lost.text.startswith("I did not find what that asks about.")
    assert whole.text.startswith("A blueprint is") or whole.data["resources"]


# ── comparing ────────────────────────────────────────────────────────────────────────────────────


async def test_what_changed_is_told_field_by_field_with_the_cost(here: Desk) -> None:
    first = here.save(WEB_AND_DB)
    bigger = changed(WEB_AND_DB, "db-1", specs={"cpu": 4, "memory": "16GB", "disk": "100GB"})
    second = here.saved_again(first, bigger)

    told = here.told(Intent.COMPARE, "what changed?", draft=second)

    assert told.data["changes"] == ["db-1: CPU 2 → 4, memory 8GB → 16GB"]
    assert told.data["cost_after"] > told.data["cost_before"]
    assert "From revision 1" in told.text
    assert here.told(Intent.EXPLAIN, "what changed?", draft=second).data == told.data


async def test_numbered_revisions_are_compared_in_the_order_said(here: Desk) -> None:
    first = here.save(WEB_AND_DB)
    second = here.saved_again(first, {**WEB_AND_DB, "resources": WEB_AND_DB["resources"][:3]})
    third = here.saved_again(second, {**WEB_AND_DB, "resources": WEB_AND_DB["resources"][:2]})

    def lines(message: str) -> Any:
        return here.told(Intent.COMPARE, message, draft=third).data["changes"]

    assert lines("compare version 1 and 2") == ["lb-1 (load balancer) is gone"]
    assert lines("compare revision 2 with revision 1") == ["lb-1 (load balancer) is new"]
    assert lines("compare it with revision 1") == [
        "db-1 (postgresql) is gone",
        "lb-1 (load balancer) is gone",
    ]
    assert here.told(Intent.COMPARE, "compare with the earlier one", draft=third, revision=2).data[
        "changes"
    ] == ["db-1 (postgresql) is gone"]


async def test_a_revision_that_there_is_not_is_said_to_be_missing(here: Desk) -> None:
    told = here.told(Intent.COMPARE, "compare with revision 7", draft=here.save(WEB_AND_DB))
    assert told.text == "shop has no revision 7: there is only revision 1."


async def test_the_first_revision_has_nothing_before_it(here: Desk) -> None:
    told = here.told(Intent.COMPARE, "what changed?", draft=here.save(WEB_AND_DB))
    assert "first revision of shop, with 4 resources" in told.text


async def test_another_blueprint_is_compared_by_name_or_number(here: Desk) -> None:
    draft = here.save(WEB_AND_DB)
    other = here.save({"name": "wiki", "resources": [{"name": "app", "type": "container"}]})

    by_name = here.told(Intent.COMPARE, "how does it differ from wiki?", draft=draft)
    by_number = here.told(Intent.COMPARE, f"compare with blueprint {other.id}", draft=draft)

    assert by_name == by_number
    assert "Only in wiki: app (container)" in by_name.text
    assert by_name.data["cost"]["shop"] > by_name.data["cost"]["wiki"]
    assert "does not exist" in here.told(Intent.COMPARE, "compare with blueprint 99").text


async def test_the_draft_is_compared_with_what_is_deployed(tmp_path: Path) -> None:
    document = {"name": "shop", "resources": [{"name": "web", "type": "vm", "engine": "nginx"}]}
    async with desk(tmp_path, started=True) as here:
        ipr = await here.world.request(document)
        before = here.world.blueprints.get(LOCAL, ipr.plan.target.blueprint_id)
        nothing = here.told(Intent.COMPARE, "compare with what runs", draft=before)
        await here.world.run(ipr)
        same = here.told(Intent.COMPARE, "compare with what runs", draft=before)
        draft = here.saved_again(before, changed(document, "web", count=4))
        told = here.told(Intent.COMPARE, "compare with what is deployed", draft=draft)

    assert nothing.data == {"deployed": False}
    assert same.data["changes"] == []
    assert told.data["changes"] == ["web: number 1 → 4"]
    assert "shop on simulation (revision 1)" in told.text


def test_a_renamed_resource_is_neither_gone_nor_new() -> None:
    document = blueprint({"name": "one", "resources": [{"name": "old", "type": "vm", "count": 2}]})
    other = blueprint({"name": "one", "resources": [{"name": "new", "type": "vm", "count": 2}]})

    assert difference(document, other).lines == ("old is called new now",)


def test_every_field_of_the_blueprint_itself_is_compared() -> None:
    limited = blueprint(constraints={"max_monthly_cost": 800}, metadata={"environment": "staging"})

    assert difference(blueprint(), limited).lines == (
        "cost limit not set → 800",
        "environment not set → staging",
    )
    assert difference(limited, limited).lines == ()


# ── advising ─────────────────────────────────────────────────────────────────────────────────────


_BAD: list[tuple[str, dict[str, Any]]] = [
    ("network.public_ip", {"type": "database", "network": {"public_ip": True}}),
    ("network.ports", {"type": "vm", "network": {"public_ip": True, "ports": [22, 80]}}),
    ("env", {"type": "service", "engine": "nginx", "env": {"DB_PASSWORD": "hunter2"}}),
    ("backup", {"type": "database", "engine": "postgresql"}),
    ("count", {"type": "service", "engine": "nginx"}),
    ("specs.control_plane", {"type": "kubernetes_cluster", "specs": {"control_plane": 1, "workers": 3}}),
    ("policies.pod_security", {"type": "kubernetes_cluster", "specs": {"control_plane": 3, "workers": 3}}),
    ("image", {"type": "service", "image": "ghcr.io/acme/app:latest"}),
    ("version", {"type": "cache", "engine": "redis"}),
    ("specs.disk", {"type": "database", "engine": "mysql"}),
]  # fmt: skip
_GOOD: list[dict[str, Any]] = [
    {"type": "database", "engine": "postgresql", "version": "16", "backup": True, "count": 2},
    {"type": "service", "engine": "nginx", "count": 2, "env": {"DB_PASSWORD": {"secret": "db-password"}}},
    {"type": "kubernetes_cluster", "specs": {"control_plane": 3, "workers": 3},
     "policies": {"network": "default-deny", "pod_security": "restricted"}},
    {"type": "service", "image": "ghcr.io/acme/app:1.2", "count": 2},
]  # fmt: skip


def _remarks(here: Desk, draft: Blueprint) -> list[dict[str, Any]]:
    remarks: list[dict[str, Any]] = here.told(
        Intent.SUGGEST, "suggest improvements", draft=draft
    ).data["remarks"]
    return remarks


def _one(fields: dict[str, Any]) -> Blueprint:
    return blueprint({"name": "one", "resources": [{"name": "core-1", **fields}]})


@pytest.mark.parametrize(("path", "fields"), _BAD, ids=[path for path, _ in _BAD])
async def test_each_weakness_is_found_at_its_path(
    here: Desk, path: str, fields: dict[str, Any]
) -> None:
    found = {item["path"] for item in _remarks(here, _one(fields))}
    assert f"resources.core-1.{path}" in found


@pytest.mark.parametrize("fields", _GOOD, ids=str)
async def test_what_is_well_made_is_neither_gravely_remarked_on_nor_an_idea(
    here: Desk, fields: dict[str, Any]
) -> None:
    found = _remarks(here, _one(fields))
    assert [item for item in found if item["severity"] in {None, "critical", "high"}] == []


async def test_no_remark_repeats_a_secret(here: Desk) -> None:
    hidden = {"env": {"DB_PASSWORD": "hunter2"}, "command": ["serve", "--password", "hunter2"]}
    for intent in (Intent.SUGGEST, Intent.AUDIT, Intent.COMPLIANCE):
        told = here.told(
            intent, "is it secure?", draft=_one({"type": "service", "image": "a/b:1", **hidden})
        )
        assert "hunter2" not in f"{told.text}{told.data}"


async def test_suggestions_go_when_the_draft_follows_them(here: Desk) -> None:
    draft = blueprint()
    before = here.told(Intent.SUGGEST, "suggest improvements", draft=draft)
    backup: dict[str, Json] = {"enabled": True, "schedule": "daily", "retention_days": 30}
    better = apply_edits(draft, [SetField(name="db-1", path="backup", value=backup)])[0]
    after = here.told(Intent.SUGGEST, "suggest improvements", draft=better)

    paths = [item["path"] for item in before.data["remarks"]]
    assert "resources.db-1.backup" in paths
    assert [item["path"] for item in after.data["remarks"]] == [
        path for path in paths if path != "resources.db-1.backup"
    ]


async def test_what_is_asked_about_is_remarked_on_first(here: Desk) -> None:
    document = {
        "name": "one",
        "resources": [
            {"name": "orders", "type": "database"},
            {"name": "stock", "type": "database"},
        ],
    }
    told = here.told(Intent.SUGGEST, "what about stock?", draft=blueprint(document))
    assert told.data["remarks"][0]["path"].startswith("resources.stock.")


@pytest.mark.parametrize("intent", [Intent.AUDIT, Intent.COMPLIANCE])
async def test_an_audit_tells_the_gravest_with_their_paths_and_what_to_say_and_is_no_proof(
    here: Desk, intent: Intent
) -> None:
    document = changed(WEB_AND_DB, "db-1", network={"public_ip": True})

    told = here.told(intent, "is it secure?", draft=blueprint(document))

    first = told.text.split("The gravest: ")[1].split("; ")
    assert first[0] == (
        "db-1 keeps data and has an address that anybody can reach (resources.db-1.network.public_ip"
    )
    assert first[1].startswith("say: make db-1 private)")
    assert "no proof" in told.text
    assert told.data["gating"] == ["ALMA-NET-001", "ALMA-NET-002"]


async def test_an_audit_says_what_the_tools_say(here: Desk) -> None:
    """The same rules, score and findings: nothing of its own, nothing left out."""
    draft = blueprint(changed(WEB_AND_DB, "db-1", network={"public_ip": True}))
    audit = compliance(here.world, here.clock).audit(LOCAL.project, draft, asked=["soc2"])

    told = here.told(Intent.COMPLIANCE, "are we SOC 2 compliant?", draft=draft)

    failed = audit.assessment.failed
    assert [(r["rule"], r["path"], r["text"]) for r in told.data["remarks"]] == [
        (item.rule, item.path, item.message) for item in failed
    ]
    assert told.data["score"] == audit.assessment.score.value
    assert f"has {audit.assessment.score.value:g} of 10 for {len(failed)} findings" in told.text
    assert told.data["compliance"] == {audit.judgements[0].name: str(audit.judgements[0].standing)}
    assert told.text.startswith(f"{audit.judgements[0].name}: ")


async def test_what_an_audit_offers_to_mend_is_mended_by_its_edits(here: Desk) -> None:
    draft = blueprint(changed(WEB_AND_DB, "db-1", network={"public_ip": True}))
    told = here.told(Intent.AUDIT, "is it secure?", draft=draft)
    better = apply_edits(draft, told.offer)[0]

    after = here.told(Intent.AUDIT, "is it secure?", draft=better)

    assert "Say yes to have" in told.text
    assert after.data["gating"] == []
    assert after.data["score"] > told.data["score"]
    assert not {"ALMA-NET-001", "ALMA-NET-002", "ALMA-BCK-001"} & {
        item["rule"] for item in after.data["remarks"]
    }


@pytest.mark.parametrize(("path", "fields"), _BAD, ids=[path for path, _ in _BAD])
async def test_the_words_that_mend_a_weakness_are_understood_and_mend_it(
    here: Desk, path: str, fields: dict[str, Any]
) -> None:
    draft = _one(fields)
    said = [item for item in _remarks(here, draft) if item["say"] is not None]
    for item in said:
        reading = interpreter().interpret(item["say"], blueprint=draft)
        assert reading.question is None, item["say"]
        mended = apply_edits(draft, reading.edits)[0]
        left = {(left["rule"], left["path"]) for left in _remarks(here, mended)}
        assert (item["rule"], item["path"]) not in left, item["say"]


async def test_among_several_stores_a_suggested_replica_copies_the_one_it_is_said_of(
    here: Desk,
) -> None:
    stores = [
        {"name": "orders", "type": "database", "engine": "postgresql"},
        {"name": "stock", "type": "database", "engine": "mysql"},
        {"name": "sessions", "type": "cache", "engine": "redis"},
    ]
    draft = blueprint({"name": "one", "resources": stores})
    found = [item for item in _remarks(here, draft) if item["path"].endswith(".count")]
    assert len(found) == 2

    for item in found:
        mended = apply_edits(draft, interpreter().interpret(item["say"], blueprint=draft).edits)[0]
        copies = [r.metadata.get("replica_of") for r in mended.resources if r.metadata]
        assert copies == [item["path"].split(".")[1]]


async def test_moving_is_told_with_what_the_engine_does_otherwise(here: Desk) -> None:
    engine = here.world.engines.get("simulation")

    told = here.told(Intent.MIGRATE, "could it move to the simulation?", draft=blueprint())

    assert told.data["engines"] == ["simulation"]
    assert "Data does not move" in told.text
    assert ("does all of it" in told.text) == (
        not any(
            engine.support(item)
            for item in here.world.plans.resolve(blueprint(), engine.traits).resources
        )
    )


async def test_comparing_with_an_engine_tells_how_it_would_be_there(here: Desk) -> None:
    draft = here.save(WEB_AND_DB)
    compared = here.told(Intent.COMPARE, "compare it with the simulation", draft=draft)
    assert compared == here.told(Intent.MIGRATE, "could it move to the simulation?", draft=draft)


async def test_help_is_about_the_draft_at_hand(here: Desk) -> None:
    without = here.told(Intent.HELP, "help")
    told = here.told(Intent.HELP, "help", draft=blueprint())
    topic = here.told(Intent.HELP, "help me with backups", draft=blueprint())

    assert without.data["templates"] == len(here.answers._sources.templates.entries)
    assert "add daily backups to db-1" in told.text
    assert "backups" in topic.text
    assert len({without.text, told.text, topic.text}) == 3


async def test_a_change_with_a_question_is_answered_for_the_draft_after_it(here: Desk) -> None:
    with here.world.database.read() as transaction:
        told = here.answers.about(
            transaction,
            LOCAL,
            Interpretation(
                intent=Intent.CHANGE,
                acts=(Intent.CHANGE, Intent.SMALLTALK, Intent.COST),
                edits=(SetField(name="db-1", path="specs.cpu", value=4),),
            ),
            message="give db-1 4 CPU please, and what does it cost?",
            blueprint=blueprint(changed(WEB_AND_DB, "db-1", specs={"cpu": 4})),
        )
    assert told is not None
    assert told.data["monthly"] > 0
    assert "as it was" not in told.text


async def test_what_only_changes_something_is_not_answered_from_state(here: Desk) -> None:
    with here.world.database.read() as transaction:
        reading = Interpretation(intent=Intent.CREATE, acts=(Intent.CREATE,))
        assert here.answers.about(transaction, LOCAL, reading, message="a database") is None


async def test_whatever_is_asked_of_whichever_family_the_answer_is_a_whole_sentence(
    here: Desk,
) -> None:
    """Any reading of any message: a model may take a question for another kind than its words are about."""
    draft = here.save(WEB_AND_DB)
    cases = read_yaml((CASES / "questions.yaml").read_text(encoding="utf-8"))
    messages = [case["say"] for case in cases if isinstance(case["say"], str)]
    assert len(messages) > 30
    for message in messages:
        for intent in ASKED:
            text = here.told(intent, message, draft=draft).text
            assert text[-1] in ".?!", text
            assert "None" not in text
            assert ".." not in text


def test_what_was_renamed_and_changed_is_told_as_one_thing_by_conversation_and_tool_alike() -> None:
    old = {"name": "db", "type": "database", "engine": "postgresql", "specs": {"memory": "4GB"}}
    new = old | {"name": "orders", "specs": {"memory": "8GB"}}
    before, after = (blueprint({"name": "one", "resources": [item]}) for item in (old, new))

    assert difference(before, after).lines == (
        "db is called orders now",
        "orders: memory 4GB → 8GB",
    )
