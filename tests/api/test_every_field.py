"""Every GraphQL field, asked as every role and as a stranger: nothing is open that its REST route would not be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from alma.api.graphql.context import Context
from alma.api.graphql.schema import fields, schema
from alma.bootstrap import Alma, build
from alma.core.model.access import ROLES, Permission
from alma.core.model.ipr import ReviewAction
from alma.core.model.principal import LOCAL, Principal
from alma.settings import Settings
from tests.people import somebody

P = Permission
DOCUMENT = {"name": "shop", "resources": [{"name": "web", "type": "vm"}]}

# Field → a selection that asks for the first project's nouns, and the permissions that it takes.
ASKED: Mapping[str, tuple[str, frozenset[Permission]]] = {
    # Known to everybody who is known at all.
    **{
        name: (text, frozenset())
        for name, text in {
            "status": "{ status { status } }",
            "health": "{ health { status } }",
            "me": "{ me { id } }",
            "council": "{ council { verdicts } }",
            "templates": "{ templates { total } }",
            "search_templates": '{ search_templates(query: "web") { id } }',
            "template_categories": "{ template_categories { name } }",
            "template": '{ template(id: "simple-web-app") { id } }',
            "customized_template": '{ customized_template(id: "simple-web-app") }',
            "blueprint_schema": "{ blueprint_schema }",
            "price_books": "{ price_books { provider } }",
            "prices": '{ prices(provider: "aws") { total } }',
            "tools": "{ tools { name } }",
            "tool": '{ tool(name: "validate_blueprint") { name } }',
            "validate_blueprint": "query ($d: JSON!) { validate_blueprint(document: $d) { valid } }",
            "render_document": 'query ($d: JSON!) { render_document(document: $d, engine: "docker") { engine } }',
            "convert_document": 'mutation { convert_document(content: "services: {a: {image: nginx}}") { form } }',
        }.items()
    },
    "blueprints": ("{ blueprints { total nodes { id } } }", frozenset({P.BLUEPRINT_READ})),
    "blueprint": ("{ blueprint(id: 1) { id } }", frozenset({P.BLUEPRINT_READ})),
    "rendering": (
        '{ rendering(blueprint_id: 1, engine: "docker") { engine } }',
        frozenset({P.BLUEPRINT_READ}),
    ),
    "blueprint_revisions": (
        "{ blueprint_revisions(blueprint_id: 1) { total } }",
        frozenset({P.BLUEPRINT_READ}),
    ),
    "conversations": ("{ conversations { total nodes { id } } }", frozenset({P.CONVERSATION})),
    "conversation": ('{ conversation(id: "theirs") { id } }', frozenset({P.CONVERSATION})),
    "rules": ("{ rules { total } }", frozenset({P.POLICY_READ})),
    "rule_book": ("{ rule_book { bundle } }", frozenset({P.POLICY_READ})),
    "rule": ('{ rule(id: "ALMA-NET-001") { id } }', frozenset({P.POLICY_READ})),
    "waivers": ("{ waivers { total } }", frozenset({P.POLICY_READ})),
    "check_policies": (
        "{ check_policies(blueprint_id: 1) { blocked } }",
        frozenset({P.POLICY_READ}),
    ),
    "iprs": ("{ iprs { total nodes { id } } }", frozenset({P.IPR_READ})),
    "ipr": ("{ ipr(id: 1) { id } }", frozenset({P.IPR_READ})),
    "deployments": ("{ deployments { total nodes { id } } }", frozenset({P.DEPLOYMENT_READ})),
    "deployment": ('{ deployment(id: "$DEPLOYMENT") { id } }', frozenset({P.DEPLOYMENT_READ})),
    "stacks": ("{ stacks { total nodes { id } } }", frozenset({P.STACK_READ})),
    "stack": ('{ stack(id: "$STACK") { id } }', frozenset({P.STACK_READ})),
    "engines": ("{ engines { engine } }", frozenset({P.ENGINE_READ})),
    "engine": ('{ engine(name: "simulation") { engine } }', frozenset({P.ENGINE_READ})),
    "discover": ('{ discover(engine: "simulation") { engine } }', frozenset({P.ENGINE_READ})),
    "engine_connection": (
        '{ engine_connection(engine: "proxmox@theirs") { engine } }',
        frozenset({P.ENGINE_READ}),
    ),
    "create_blueprint": (
        "mutation ($d: JSON!) { create_blueprint(document: $d) { id } }",
        frozenset({P.BLUEPRINT_WRITE}),
    ),
    "update_blueprint": (
        "mutation ($d: JSON!) { update_blueprint(id: 1, document: $d) { id } }",
        frozenset({P.BLUEPRINT_WRITE}),
    ),
    "delete_blueprint": ("mutation { delete_blueprint(id: 1) }", frozenset({P.BLUEPRINT_DELETE})),
    "plan_document": (
        "mutation ($d: JSON!) { plan_document(document: $d) { digest } }",
        frozenset({P.PLAN}),
    ),
    "plan_blueprint": ("mutation { plan_blueprint(id: 1) { digest } }", frozenset({P.PLAN})),
    "deploy_blueprint": ("mutation { deploy_blueprint(id: 1) { id } }", frozenset({P.IPR_OPEN})),
    "chat": (
        'mutation { chat(input: {message: "a web server"}) { turn_id } }',
        frozenset({P.CONVERSATION}),
    ),
    "generate_blueprint": (
        'mutation { generate_blueprint(input: {description: "a web server"}) { response } }',
        frozenset({P.BLUEPRINT_WRITE}),
    ),
    "stop_turn": ('mutation { stop_turn(id: "$TURN") }', frozenset({P.CONVERSATION})),
    "rename_conversation": (
        'mutation { rename_conversation(id: "theirs", title: "mine") { id } }',
        frozenset({P.CONVERSATION}),
    ),
    "delete_conversation": (
        'mutation { delete_conversation(id: "theirs") }',
        frozenset({P.CONVERSATION}),
    ),
    "run_tool": (
        'mutation { run_tool(input: {tool_name: "validate_blueprint", parameters: {blueprint_id: 1}}) { success } }',
        frozenset({P.TOOL}),
    ),
    "waive_rule": (
        'mutation { waive_rule(input: {rule: "ALMA-NET-001", reason: "for now", expires: "2999-01-01"}) { id } }',
        frozenset({P.POLICY_WAIVE}),
    ),
    "revoke_waiver": ('mutation { revoke_waiver(id: "1") { id } }', frozenset({P.POLICY_WAIVE})),
    "convene_council": (
        "mutation { convene_council(input: {blueprint_id: 1}) { verdict } }",
        frozenset({P.PLAN}),
    ),
    "open_ipr": (
        'mutation { open_ipr(input: {title: "x", blueprint_id: 1}) { id } }',
        frozenset({P.IPR_OPEN}),
    ),
    "open_import": (
        'mutation { open_import(input: {engine: "simulation", name: "x", objects: [{object: "1"}]}) { id } }',
        frozenset({P.IPR_OPEN}),
    ),
    "edit_ipr": (
        'mutation { edit_ipr(id: 2, input: {title: "y"}) { id } }',
        frozenset({P.IPR_OPEN}),
    ),
    "cancel_ipr": ("mutation { cancel_ipr(id: 2) { id } }", frozenset({P.IPR_CANCEL})),
    "review_ipr": (
        "mutation { review_ipr(id: 2, input: {action: reject}) { id } }",
        frozenset({P.IPR_APPROVE}),
    ),
    "replan_ipr": ("mutation { replan_ipr(id: 2) { id } }", frozenset({P.PLAN})),
    "dry_run_ipr": ("mutation { dry_run_ipr(id: 2) { digest } }", frozenset({P.PLAN})),
    "deploy_ipr": ("mutation { deploy_ipr(id: 2) { deployment_id } }", frozenset({P.DEPLOY})),
    "cancel_deployment": (
        'mutation { cancel_deployment(id: "$DEPLOYMENT") { id } }',
        frozenset({P.DEPLOYMENT_CANCEL}),
    ),
    "retry_deployment": (
        'mutation { retry_deployment(id: "$DEPLOYMENT") { deployment_id } }',
        frozenset({P.DEPLOY}),
    ),
    "verify_stack": (
        'mutation { verify_stack(id: "$STACK") { passed } }',
        frozenset({P.STACK_VERIFY}),
    ),
    "destroy_stack": ('mutation { destroy_stack(id: "$STACK") { id } }', frozenset({P.IPR_OPEN})),
    "save_connection": (
        'mutation { save_connection(engine: "proxmox@mine", settings: {}) { engine } }',
        frozenset({P.ENGINE_CONFIGURE}),
    ),
    "forget_connection": (
        'mutation { forget_connection(engine: "proxmox@theirs") }',
        frozenset({P.ENGINE_CONFIGURE}),
    ),
    "projects": ("{ projects { total nodes { id name } } }", frozenset()),
    "project": ('{ project(id: "default") { id } }', frozenset()),
    "members": (
        '{ members(project: "default") { nodes { principal } } }',
        frozenset({P.MEMBER_READ}),
    ),
    "roles": ('{ roles(project: "default") { nodes { name } } }', frozenset({P.MEMBER_READ})),
    "edit_project": (
        'mutation { edit_project(id: "default", input: {name: "x"}) { id } }',
        frozenset({P.PROJECT_MANAGE}),
    ),
    "grant_role": (
        'mutation { grant_role(project: "default", input: {principal: "guest", role: "viewer"}) { role } }',
        frozenset({P.MEMBER_MANAGE}),
    ),
    "revoke_role": (
        'mutation { revoke_role(project: "default", principal: "guest", role: "viewer") }',
        frozenset({P.MEMBER_MANAGE}),
    ),
    "save_role": (
        'mutation { save_role(project: "default", name: "spare", input: {permissions: [plan_make]}) { name } }',
        frozenset({P.MEMBER_MANAGE}),
    ),
    "remove_role": (
        'mutation { remove_role(project: "default", name: "spare") }',
        frozenset({P.MEMBER_MANAGE}),
    ),
    "keys": ("{ keys { total nodes { id } } }", frozenset({P.KEY_MANAGE})),
    "key": ('{ key(id: "$KEY") { id } }', frozenset({P.KEY_MANAGE})),
    "create_key": (
        'mutation { create_key(input: {name: "mine"}) { id } }',
        frozenset({P.KEY_MANAGE}),
    ),
    "revoke_key": ('mutation { revoke_key(id: "$KEY") { id } }', frozenset({P.KEY_MANAGE})),
    "audit": ("{ audit { total nodes { seq } } }", frozenset({P.AUDIT_READ})),
    "audit_entry": ("{ audit_entry(seq: 1) { seq } }", frozenset({P.AUDIT_READ})),
    "metrics_summary": ("{ metrics_summary { window { whose } } }", frozenset({P.METRICS_READ})),
    "language_models": ("{ language_models { month } }", frozenset({P.CONVERSATION})),
    "deployment_events": (
        'subscription { deployment_events(id: "$DEPLOYMENT") { seq } }',
        frozenset({P.DEPLOYMENT_READ}),
    ),
    "all_deployment_events": (
        "subscription ($after: JSON!) { all_deployment_events(after: $after) { seq } }",
        frozenset({P.DEPLOYMENT_READ}),
    ),
}
# What only administrators of the installation may: no role of a project is enough.
ADMINISTRATORS: Mapping[str, str] = {
    "create_project": 'mutation { create_project(input: {id: "another"}) { id } }',
    "archive_project": 'mutation { archive_project(id: "default") { id } }',
    "accounts": "{ accounts { total nodes { name } } }",
    "account": '{ account(name: "guest") { name } }',
    "create_account": 'mutation { create_account(input: {name: "newcomer"}) { name } }',
    "change_account": 'mutation { change_account(name: "guest", input: {disabled: true}) { name } }',
    "set_password": 'mutation { set_password(name: "guest", password: "correct horse staple") }',
    "audit_head": "{ audit_head { seq } }",
    "verify_audit": "mutation { verify_audit { intact } }",
    "prune_audit": 'mutation { prune_audit(before: "2001-01-01T00:00:00Z") }',
    "secret_keys": "{ secret_keys { stale } }",
    "rotate_secrets": "mutation { rotate_secrets { stale } }",
    "reencrypt_secrets": "mutation { reencrypt_secrets { resealed } }",
}
OPEN = {name for name, (_, needed) in ASKED.items() if not needed}
# Of another project these answer something that is the asker's own: an empty list, its own engines, a new noun.
OWN = {
    "blueprints", "conversations", "rules", "rule_book", "rule", "waivers", "iprs", "deployments",
    "stacks", "engines", "engine", "discover", "create_blueprint", "plan_document", "chat",
    "generate_blueprint", "waive_rule", "open_import", "save_connection", "keys", "create_key", "audit",
    "metrics_summary", "language_models",
}  # fmt: skip


class Scene:
    """One project with something of everything, and whoever asks about it."""

    def __init__(self, alma: Alma, names: Mapping[str, str]) -> None:
        self.alma = alma
        self._names = names

    async def codes(self, field: str, caller: Principal) -> set[str]:
        """What was wrong with asking for the field."""
        query = ADMINISTRATORS[field] if field in ADMINISTRATORS else ASKED[field][0]
        for name, value in self._names.items():
            query = query.replace(f"${name}", value)
        context = Context(self.alma, caller)
        variables = {"d": DOCUMENT} if "$d:" in query else {}
        if query.startswith("subscription"):
            return await self._watched(query, context, {"after": {self._names["DEPLOYMENT"]: 0}})
        found = await schema().execute(query, variable_values=variables, context_value=context)
        return {(error.extensions or {})["code"] for error in found.errors or []}

    async def _watched(self, query: str, context: Context, variables: dict[str, Any]) -> set[str]:
        given = variables if "$after" in query else {}
        found: Any = await schema().subscribe(query, given, context_value=context)
        codes: set[str] = set()
        async for result in found:
            if result.data is not None and "all_deployment_events" in result.data:
                break  # has no end
            codes |= {(error.extensions or {})["code"] for error in result.errors or []}
        return codes


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    alma = build(Settings(home=tmp_path, default_engine="simulation"))
    await alma.start()
    try:
        yield Scene(alma, await furnished(alma))
    finally:
        await alma.stop()


async def furnished(alma: Alma) -> Mapping[str, str]:
    """Puts something of everything there; their names."""
    made = await asyncio.to_thread(alma.blueprints.create, LOCAL, DOCUMENT)
    first = await alma.iprs.open(LOCAL, title="first", blueprint_id=made.id)
    await asyncio.to_thread(alma.iprs.review, LOCAL, first.id, action=ReviewAction.APPROVE)
    run = await alma.iprs.deploy(LOCAL, first.id)
    async for _ in alma.deployments.follow(LOCAL, run.id):
        pass
    await alma.iprs.open(LOCAL, title="second", blueprint_id=made.id)
    answer = await alma.dialogue.chat(LOCAL, "a web server", "theirs")
    await alma.accounts.create(LOCAL, "guest")
    key = await asyncio.to_thread(alma.keys.create, LOCAL, "theirs")
    return {
        "DEPLOYMENT": run.id,
        "STACK": run.plan.stack.id,
        "TURN": answer.turn_id,
        "KEY": key.key.id,
    }


def test_every_field_is_walked() -> None:
    assert {name for _, name in fields()} == {*ASKED, *ADMINISTRATORS}


async def test_who_may_nothing_gets_nothing(scene: Scene) -> None:
    nobody = Principal(id="nobody")
    for field in sorted({*ASKED, *ADMINISTRATORS} - OPEN):
        assert await scene.codes(field, nobody) <= {"forbidden", "not_found"}, field
        assert await scene.codes(field, nobody), field


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_no_role_of_a_project_administers_the_installation(scene: Scene, role: str) -> None:
    someone = somebody("someone", role=role)
    for field in ADMINISTRATORS:
        assert await scene.codes(field, someone) == {"forbidden"}, field


async def test_who_administers_the_installation_may(scene: Scene) -> None:
    for field in sorted(set(ADMINISTRATORS) - {"archive_project"}):
        assert await scene.codes(field, LOCAL) == set(), field
    assert await scene.codes("archive_project", LOCAL) == {"conflict"}


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_role_may_what_its_permissions_say_and_nothing_else(
    scene: Scene, role: str
) -> None:
    someone = somebody("someone", role=role)
    for field, (_, needed) in ASKED.items():
        if not needed <= ROLES[role]:
            assert await scene.codes(field, someone) == {"forbidden"}, field
        elif field in OPEN:
            assert await scene.codes(field, someone) == set(), field


async def test_one_permission_less_is_not_enough(scene: Scene) -> None:
    for field, (_, needed) in ASKED.items():
        for permission in needed:
            almost = somebody("almost", without=frozenset({permission}))
            assert await scene.codes(field, almost) == {"forbidden"}, (field, permission)


async def test_nothing_of_another_project_is_there(scene: Scene) -> None:
    stranger = somebody("stranger", project="elsewhere")
    for field in sorted(set(ASKED) - OPEN - OWN):
        assert await scene.codes(field, stranger) <= {"not_found", "invalid_input"}, field
        assert await scene.codes(field, stranger), field


async def test_lists_of_another_project_are_empty(scene: Scene) -> None:
    stranger = somebody("stranger", project="elsewhere")
    for field in ("blueprints", "conversations", "iprs", "deployments", "stacks"):
        query = f"{{ {field} {{ total nodes {{ id }} }} }}"
        found = await schema().execute(query, context_value=Context(scene.alma, stranger))
        assert found.data == {field: {"total": 0, "nodes": []}}
