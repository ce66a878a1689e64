"""From a document to what runs: save, open a request, show its plan, ask, approve exactly that plan, deploy, watch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from alma.cli.approving import after_them, lacks, told_missing, waits_for
from alma.cli.client import Client
from alma.cli.errors import CliError, ExitCode
from alma.cli.render.outcome import render_outcome
from alma.cli.render.plan import has_changes, render_plan
from alma.cli.shapes import IPR, Deployment, Json, Plan
from alma.cli.sources import Saved, Source
from alma.cli.terminal import Terminal
from alma.cli.watch import watch

_COMMENT = "approved on the command line"


@dataclass(frozen=True)
class Choices:
    """What the user decided beforehand. `withdraw`: the request is for this run only and goes with it."""

    yes: bool = False
    keep_on_failure: bool = False
    withdraw: bool = True


def save(client: Client, term: Terminal, document: Source) -> Json:
    """Saves a blueprint: a new revision of the one of that name, or a new blueprint."""
    if isinstance(document, Saved):
        return document.blueprint
    name = document.name
    found = client.blueprints_named(name) if name else []
    if not found:
        return client.create_blueprint(document)
    chosen = _the_one(client, found)
    if len(found) > 1:
        term.note(f"{len(found)} blueprints are called '{name}': taking number {chosen['id']}")
    saved = client.update_blueprint(chosen["id"], chosen["revision"], document)
    if saved["revision"] != chosen["revision"]:
        term.note(f"saved as revision {saved['revision']} of blueprint {saved['id']}, '{name}'")
    return saved


def runs_already(client: Client, term: Terminal, blueprint: Json, engine: str | None) -> bool:
    """Whether the revision is what was deployed last and nothing has changed since; tells so. No request is opened for
    nothing."""
    if all(
        (stack["blueprint_id"], stack["revision"]) != (blueprint["id"], blueprint["revision"])
        for stack in client.stacks()
    ):
        return False
    plan = client.plan_blueprint(blueprint["id"], engine=engine)
    if has_changes(plan) or plan["blocked"]:
        return False
    term.say(render_plan(plan))
    if term.as_json:
        term.answer(_answer_of(None, plan))
    return True


def _the_one(client: Client, found: list[Json]) -> Json:
    """Of several blueprints of one name the one that runs, else the newest."""
    if len(found) == 1:
        return found[0]
    running = {stack["blueprint_id"] for stack in client.stacks() if stack["resources"]}
    return next((item for item in found if item["id"] in running), found[0])


def carry_out(client: Client, term: Terminal, ipr: IPR, choices: Choices) -> int:
    """Shows a request's plan, asks, deploys and watches. Answers the exit code; raises CliError when it can't begin."""
    plan = ipr["plan"]
    term.say(render_plan(plan))
    with _withdrawn(client, ipr, choices) as keep:
        if not has_changes(plan):
            return _answer(term, ipr, ExitCode.DONE)
        term.say("")
        _require_runnable(plan)
        if not choices.yes and not term.confirm(_question(plan)):
            term.note("Not approved; nothing was deployed.")
            return _answer(term, ipr, ExitCode.DENIED)
        _approve(client, ipr, keep)
        id_ = _start(client, ipr, choices, keep)
    deployment, code = watch(client, term, id_, plan)
    term.say("", render_outcome(deployment))
    return _answer(term, ipr, code, deployment)


@contextmanager
def _withdrawn(client: Client, ipr: IPR, choices: Choices) -> Iterator[Keep]:
    """Withdraws the request at the end, however it comes, unless it is to be kept."""
    keep = Keep(not choices.withdraw)
    try:
        yield keep
    finally:
        if not keep.wanted:
            with suppress(CliError):
                client.cancel_ipr(ipr["id"])


@dataclass
class Keep:
    """Called when the request shall stay."""

    wanted: bool

    def __call__(self) -> None:
        self.wanted = True


def _require_runnable(plan: Plan) -> None:
    if plan["blocked"]:
        raise CliError(
            f"this plan can't run on {plan['engine']}; nothing was changed",
            hint="mend the blueprint, or choose another engine with --engine",
            code="invalid_input",
            details={"plan": plan},
        )


def _question(plan: Plan) -> str:
    number = sum(change["action"] != "no-op" for change in plan["changes"])
    things = "this change" if number == 1 else f"these {number} changes"
    if plan["kind"] == "destroy":
        things = "this resource" if number == 1 else f"these {number} resources"
        return f"Destroy {things} of {plan['blueprint_name']} on {plan['engine']}?"
    if all(change["action"] in {"adopt", "no-op"} for change in plan["changes"]):
        things, such = (
            ("this object", "it is") if number == 1 else (f"these {number} objects", "they are")
        )
        return f"Take {things} on {plan['engine']} into {plan['blueprint_name']} as {such}?"
    return f"Deploy {things} to {plan['engine']}?"


def _approve(client: Client, ipr: IPR, keep: Keep) -> None:
    if ipr["approved"] or ipr["status"] == "failed":
        return
    try:
        reviewed = client.review(ipr, "approve", comments=_COMMENT)
    except CliError as error:
        if error.code != "forbidden":
            raise
        keep()
        raise _waits(ipr, f"waits for somebody else's review: {error.message}") from error
    if waits_for(reviewed):
        keep()
        raise _waits(reviewed, "is approved by you, and waits for others, too")


def _waits(ipr: IPR, why: str) -> CliError:
    """A request that stays, for others to agree to."""
    details = {**lacks(ipr), "plan_digest": ipr["plan_digest"]}
    return CliError(
        f"IPR {ipr['id']} {why}",
        hint=after_them(ipr["id"]),
        code="approval_required",
        items=told_missing(details),
        details=details,
    )


def _start(client: Client, ipr: IPR, choices: Choices, keep: Keep) -> str:
    """The deployment's id. What was approved and is for somebody else to start stays for them."""
    number = ipr["id"]
    try:
        id_ = client.deploy(number, on_failure="keep" if choices.keep_on_failure else "roll_back")
    except CliError as error:
        if error.code not in {"forbidden", "approval_required"}:
            raise
        keep()
        if error.code == "forbidden":
            error.hint = f"IPR {number} stays as it is; somebody who may starts it: alma iprs deploy {number}"
        raise
    keep()
    return id_


def _answer(term: Terminal, ipr: IPR, code: int, deployment: Deployment | None = None) -> int:
    if term.as_json:
        term.answer(_answer_of(ipr["id"], ipr["plan"], deployment))
    return code


def _answer_of(ipr_id: int | None, plan: Plan, deployment: Deployment | None = None) -> Json:
    return {
        "changed": deployment is not None,
        "ipr_id": ipr_id,
        "plan": plan,
        "deployment": deployment,
    }
