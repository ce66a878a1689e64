"""What runs, by what is recorded: each deployed resource, the last deployment, one that is under way, what waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.blueprint import Revision
from alma.core.model.conversation import NextStep
from alma.core.model.deployment import Deployment, DeploymentState
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPRState
from alma.core.model.state import Stack, StateRecord, recorded_names
from alma.core.services.answers import fields, named, requests
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.runs import last_run, of_run, under_way
from alma.core.services.answers.words import (
    SHOWN,
    ago,
    apart,
    more,
    sentences,
    some,
)


def answer(asked: Asked, sources: Sources) -> Told:
    """Of the deployment, stack, blueprint or resource that is named, else of everything in the project."""
    plan = requests.of_plan(asked, sources)
    if plan is not None:
        return plan
    stacks = asked.transaction.stacks.list(project=asked.project)
    alive = [stack for stack in stacks if stack.records]
    try:
        return _of_named(asked, alive) or _overall(asked, alive)
    except NotFound as error:
        return Told(f"{error.message[:1].upper()}{error.message[1:]}.")


def _of_named(asked: Asked, alive: Sequence[Stack]) -> Told | None:
    if asked.interpretation.deployment_id:
        id_ = asked.interpretation.deployment_id
        return of_run(asked, asked.transaction.deployments.get(id_, project=asked.project))
    chosen = named.stack(asked, alive)
    if chosen is not None:
        return _of_stack(asked, chosen)
    wanted = named.resources(asked)
    asked_of = fields.of_property(asked.message.casefold(), wanted) if wanted else None
    if asked_of is not None:
        return asked_of
    if wanted and asked.revision is not None:
        own = [item for item in alive if item.blueprint_id == asked.revision.id]
        records = [record for stack in own for record in stack.records]
        names = [name for item in wanted for name in recorded_names(item, records)]
        return _of_resources(asked, own, names)
    other = named.blueprint(asked) or (asked.revision if named.draft_said(asked) else None)
    return _of_blueprint(asked, other, alive) if other is not None else None


def _of_blueprint(asked: Asked, revision: Revision, alive: Sequence[Stack]) -> Told:
    own = [stack for stack in alive if stack.blueprint_id == revision.id]
    if own:
        return _of_stack(asked, own[0])
    return Told(f"Nothing of {revision.blueprint.name} is deployed.", {"resources": []})


def _overall(asked: Asked, alive: Sequence[Stack]) -> Told:
    parts = [_stack(asked, stack) for stack in alive[:SHOWN]] or ["Nothing is deployed"]
    if len(alive) > SHOWN:
        parts.append(f"And {plural('more stack', len(alive) - SHOWN)}")
    data = {
        "stacks": [
            {
                "name": stack.ref.name,
                "engine": stack.ref.engine,
                "resources": [r.address for r in stack.records],
                "revision": stack.revision,
            }
            for stack in alive
        ]
    }
    return Told(
        sentences([*parts, *under_way(asked), *last_run(asked), *waiting(asked)]),
        data,
        _next(asked, alive),
    )


def _next(asked: Asked, alive: Sequence[Stack]) -> tuple[str, ...]:
    request = requests.open_one(asked)
    if request is not None:
        return requests.next_of(request).suggestions
    if asked.draft is not None and not alive:
        return (NextStep.DEPLOY.value,)
    return () if alive else ("List the templates",)


def _stack(asked: Asked, stack: Stack) -> str:
    recorded = f"{plural('resource', len(stack.records))} recorded"
    shown = some([record.address for record in stack.records], shown=4)
    revision = f" of revision {stack.revision}" if stack.revision else ", no revision in full"
    reached = _endpoints(asked, stack)
    at = f", reached at {some(reached, shown=2)}" if reached else ""
    return f"{stack.ref.name} on {stack.ref.engine} has {recorded}{revision} ({shown}){at}"


def _of_stack(asked: Asked, stack: Stack) -> Told:
    last = _last_good(asked, stack)
    lines = [_standing(last, record) for record in stack.records]
    written = max(record.updated_at for record in stack.records)
    return Told(
        sentences(
            [
                f"{_stack(asked, stack)}",
                f"{apart(lines)}; last written {ago(written, asked.now)}",
                *under_way(asked, stack.ref.id),
                *last_run(asked, stack.ref.id),
            ]
        ),
        {"stack": stack.ref.name, "resources": [record.address for record in stack.records]},
    )


def _of_resources(asked: Asked, stacks: Sequence[Stack], names: Sequence[str]) -> Told:
    found = [(s, record) for s in stacks for record in s.records if record.address in names]
    missing = [name for name in names if name not in {record.address for _, record in found}]
    parts = [_record(asked, stack, record) for stack, record in found[:SHOWN]]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        parts.append(f"{some(missing)} {verb} in the draft, and not deployed")
    ids = [stack.ref.id for stack in stacks]
    news = [line for id_ in ids for line in (*under_way(asked, id_), *last_run(asked, id_))]
    return Told(
        sentences([*parts, *news]),
        {"deployed": [record.address for _, record in found], "missing": list(missing)},
    )


def _record(asked: Asked, stack: Stack, record: StateRecord) -> str:
    """What is written down of one resource, and when: nobody looked at this moment."""
    when = ago(record.updated_at, asked.now)
    standing = _standing(_last_good(asked, stack), record)
    return f"On {stack.ref.engine}: {standing}, last written {when}"


def _standing(last: Deployment | None, record: StateRecord) -> str:
    """Where it is, how it was reached and what was proved of it when the last deployment ended."""
    site = ", ".join(f"{name} {at}" for name, at in sorted(record.site.items()))
    endpoints = last.endpoints.get(record.address, ()) if last else ()
    where = f" at {site}" if site else ""
    reached = f", reached at {some(endpoints, shown=3)}" if endpoints else ""
    return f"{record.address} is deployed{where}{reached}{_proved(last, record.address)}"


def _proved(deployment: Deployment | None, address: str) -> str:
    checks = (
        [check for check in deployment.checks if check.address == address] if deployment else []
    )
    if not checks:
        return ""
    passed = sum(check.passed for check in checks)
    return f", {passed} of {plural('check', len(checks))} passed"


def _endpoints(asked: Asked, stack: Stack) -> list[str]:
    last = _last_good(asked, stack)
    recorded = {record.address for record in stack.records}
    if last is None:
        return []
    return [e for address, found in last.endpoints.items() if address in recorded for e in found]


def _last_good(asked: Asked, stack: Stack) -> Deployment | None:
    """The last deployment that succeeded: what it found at its end is the last that was seen."""
    found = asked.transaction.deployments.list(
        project=asked.project, stack_id=stack.ref.id, state=DeploymentState.SUCCEEDED, limit=1
    )
    return found[0] if found else None


def waiting(asked: Asked) -> Iterator[str]:
    """The requests that wait for a review: number, title, who opened it and when."""
    own = requests.open_one(asked)
    if own is not None and own.state is IPRState.APPROVED:
        yield requests.next_of(own).text
    page = asked.transaction.iprs.list(project=asked.project, status=IPRState.PENDING, limit=SHOWN)
    if not page:
        return
    total = asked.transaction.iprs.count(project=asked.project, status=IPRState.PENDING)
    told = [
        f"request {ipr.id} ({ipr.title}) by {ipr.author}, {ago(ipr.created_at, asked.now)}"
        for ipr in page
    ]
    verb = "waits" if total == 1 else "wait"
    yield f"{plural('request', total)} {verb} for a review: {'; '.join(told)}{more(page, total)}"
