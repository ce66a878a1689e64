"""Every operation over REST has its field in GraphQL, or a reason why not: a new one fails until somebody decides."""

from __future__ import annotations

from collections.abc import Mapping

from alma.api.graphql.charging import CLASSES
from alma.api.graphql.schema import fields
from alma.middleware.rate_limit import CRUD, FREE, OVERALL, class_of
from tests.api.server import API, Server

# Operation → the field that does it; "type.field" is one within another noun, which a test of the nouns asks for.
FIELDS: Mapping[str, str] = {
    "POST /blueprints": "create_blueprint",
    "GET /blueprints": "blueprints",
    "GET /blueprints/schema": "blueprint_schema",
    "GET /blueprints/{blueprint_id}": "blueprint",
    "PUT /blueprints/{blueprint_id}": "update_blueprint",
    "DELETE /blueprints/{blueprint_id}": "delete_blueprint",
    "GET /blueprints/{blueprint_id}/revisions": "blueprint_revisions",
    "GET /blueprints/{blueprint_id}/revisions/{number}": "blueprint",
    "POST /blueprints/{blueprint_id}/plan": "plan_blueprint",
    "POST /blueprints/{blueprint_id}/deploy": "deploy_blueprint",
    "POST /blueprints/plan": "plan_document",
    "POST /blueprints/validate": "validate_blueprint",
    "POST /blueprints/convert": "convert_document",
    "POST /blueprints/render": "render_document",
    "GET /blueprints/{blueprint_id}/render": "rendering",
    "POST /blueprints/generate-blueprint": "generate_blueprint",
    "GET /templates": "templates",
    "GET /templates/search": "search_templates",
    "GET /templates/categories": "template_categories",
    "GET /templates/{template_id}": "template",
    "POST /templates/{template_id}/customize": "customized_template",
    "POST /conversation/chat": "chat",
    "POST /conversation/turns/{turn_id}/stop": "stop_turn",
    "GET /conversation": "conversations",
    "GET /conversation/{conversation_id}": "conversation",
    "GET /conversation/{conversation_id}/graph": "conversation",
    "PATCH /conversation/{conversation_id}": "rename_conversation",
    "DELETE /conversation/{conversation_id}": "delete_conversation",
    "GET /tools": "tools",
    "GET /tools/{name}": "tool",
    "POST /tools/execute": "run_tool",
    "POST /tools/execute-direct": "run_tool",
    "GET /policies": "rules",
    "GET /policies/{rule_id}": "rule",
    "POST /policies/check": "check_policies",
    "GET /policies/waivers": "waivers",
    "POST /policies/waivers": "waive_rule",
    "DELETE /policies/waivers/{waiver_id}": "revoke_waiver",
    "GET /council": "council",
    "POST /council/convene": "convene_council",
    "POST /iprs": "open_ipr",
    "GET /iprs": "iprs",
    "GET /iprs/{ipr_id}": "ipr",
    "PUT /iprs/{ipr_id}": "edit_ipr",
    "POST /iprs/{ipr_id}/cancel": "cancel_ipr",
    "DELETE /iprs/{ipr_id}": "cancel_ipr",
    "POST /iprs/{ipr_id}/review": "review_ipr",
    "POST /iprs/{ipr_id}/replan": "replan_ipr",
    "POST /iprs/{ipr_id}/deploy": "deploy_ipr",
    "POST /imports": "open_import",
    "GET /deployments": "deployments",
    "GET /deployments/{deployment_id}": "deployment",
    "GET /deployments/{deployment_id}/events": "deployment_events",
    "POST /deployments/{deployment_id}/cancel": "cancel_deployment",
    "POST /deployments/{deployment_id}/retry": "retry_deployment",
    "GET /stacks": "stacks",
    "GET /stacks/{stack_id}": "stack",
    "POST /stacks/{stack_id}/verify": "verify_stack",
    "POST /stacks/{stack_id}/destroy": "destroy_stack",
    "GET /engines": "engines",
    "GET /engines/{name}/check": "engine",
    "GET /engines/{name}/discover": "discover",
    "GET /engines/{name}/connection": "engine_connection",
    "PUT /engines/{name}/connection": "save_connection",
    "DELETE /engines/{name}/connection": "forget_connection",
    "GET /prices": "price_books",
    "GET /prices/{provider}": "prices",
    "GET /models": "language_models",
    "GET /auth/me": "me",
    "POST /keys": "create_key",
    "GET /keys": "keys",
    "GET /keys/{key_id}": "key",
    "DELETE /keys/{key_id}": "revoke_key",
    "POST /accounts": "create_account",
    "GET /accounts": "accounts",
    "GET /accounts/{name}": "account",
    "PATCH /accounts/{name}": "change_account",
    "PUT /accounts/{name}/password": "set_password",
    "POST /projects": "create_project",
    "GET /projects": "projects",
    "GET /projects/{project_id}": "project",
    "PATCH /projects/{project_id}": "edit_project",
    "DELETE /projects/{project_id}": "archive_project",
    "GET /projects/{project_id}/members": "members",
    "POST /projects/{project_id}/members": "grant_role",
    "DELETE /projects/{project_id}/members/{principal}/{role}": "revoke_role",
    "GET /projects/{project_id}/roles": "roles",
    "PUT /projects/{project_id}/roles/{name}": "save_role",
    "DELETE /projects/{project_id}/roles/{name}": "remove_role",
    "GET /audit": "audit",
    "GET /audit/{seq}": "audit_entry",
    "GET /audit/head": "audit_head",
    "POST /audit/verify": "verify_audit",
    "POST /audit/prune": "prune_audit",
    "GET /secrets": "secret_keys",
    "POST /secrets/rotate": "rotate_secrets",
    "POST /secrets/reencrypt": "reencrypt_secrets",
    "GET /monitoring/metrics/summary": "metrics_summary",
    "GET /monitoring/health/detailed": "health",
    "GET /monitoring/health/ready": "status",
}
_STREAM = "a stream of server-sent events; what it ends with has a field"
_SIGN_IN = "the way in, for those who are no callers yet, or who change how they come in"
_DOWNLOAD = "a file"
_MACHINES = "for machines, which ask by status code or text format"
REST_ALONE: Mapping[str, str] = {
    "POST /blueprints/generate-blueprint-stream": _STREAM,
    "POST /conversation/chat-stream": _STREAM,
    "GET /conversation/turns/{turn_id}/events": _STREAM,
    "POST /tools/execute-stream": _STREAM,
    "POST /auth/login": _SIGN_IN,
    "POST /auth/refresh": _SIGN_IN,
    "POST /auth/logout": _SIGN_IN,
    "POST /auth/password": _SIGN_IN,
    "GET /auth/providers": _SIGN_IN,
    "GET /auth/oidc/{provider}/start": _SIGN_IN,
    "GET /auth/oidc/{provider}/callback": _SIGN_IN,
    "POST /auth/oidc/token": _SIGN_IN,
    "POST /auth/device": _SIGN_IN,
    "POST /auth/device/token": _SIGN_IN,
    "POST /auth/device/answer": _SIGN_IN,
    "GET /auth/device/{user_code}": _SIGN_IN,
    "GET /audit/export": _DOWNLOAD,
    "GET /prices/{provider}/focus": _DOWNLOAD,
    "POST /prices/{provider}/focus": _DOWNLOAD,
    "GET /metrics": _MACHINES,
    "GET /monitoring/health/live": _MACHINES,
    "GET /monitoring/rate-limit/stats": "of the one process that answers",
    "GET /": "a page that says where to go on",
}
# What GraphQL has besides: several things that one route does by its body, and what REST has as a WebSocket.
GRAPHQL_ALONE = {
    "rule_book": "GET /policies tells it with the rules",
    "dry_run_ipr": "POST /iprs/{ipr_id}/deploy does it with `dry_run`",
    "all_deployment_events": "the WebSocket /ws/deployments",
}


def _described(server: Server) -> set[str]:
    paths = server.http.get("/openapi.json").json()["paths"]
    return {
        f"{method.upper()} {path.removeprefix(API) or '/'}"
        for path in paths
        for method in paths[path]
    }


def test_every_operation_has_its_field_or_a_reason_why_not(server: Server) -> None:
    assert _described(server) == {*FIELDS, *REST_ALONE}
    assert not {*FIELDS} & {*REST_ALONE}


def test_every_field_is_that_of_an_operation_or_has_a_reason() -> None:
    assert {name for _, name in fields()} == {*FIELDS.values(), *GRAPHQL_ALONE}


def test_what_changes_something_is_a_mutation_or_a_question() -> None:
    """Neither PUT, PATCH nor DELETE can be asked for as if nothing happened."""
    changes = {name for kind, name in fields() if kind == "mutation"}
    for operation, field in FIELDS.items():
        if operation.split()[0] in {"PUT", "PATCH", "DELETE"}:
            assert field in changes, operation


def test_a_field_counts_against_the_limit_that_its_operation_has() -> None:
    """What REST limits beyond the overall limit is limited here, too."""
    for operation, field in FIELDS.items():
        method, path = operation.split(" ", 1)
        class_ = class_of(f"{API}{path}", method)
        tighter = class_ if class_ not in {FREE, CRUD} else OVERALL
        assert CLASSES.get(field, OVERALL) == tighter, operation
