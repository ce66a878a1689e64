"""What the database says about trouble: how the last deployments ended, what they wrote down, and who holds a stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.deployment import Deployment, DeploymentState, StepState
from alma.core.model.errors import SecretUnreadable
from alma.core.model.signature import CheckResult, Examined, Sign
from alma.core.model.state import Stack
from alma.core.ports import Transaction
from alma.core.services.diagnosing.matching import Fact
from alma.core.services.diagnosing.texts import Kind, Numbered, Text, of_lines

_RUNS = 5
_LINES = 300
_OVERTAKEN = "a later deployment of it succeeded"


@dataclass(slots=True)
class Gathered:
    """What was found so far. `secrets` are values that must not be shown."""

    texts: list[Text] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    examined: list[Examined] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    under_way: bool = False

    def add(self, other: Gathered) -> None:
        """Takes over what another one has."""
        self.texts += other.texts
        self.facts += other.facts
        self.examined += other.examined
        self.secrets |= other.secrets
        self.under_way = self.under_way or other.under_way


def of_stack(transaction: Transaction, project: str, stack: Stack) -> Gathered:
    """What is recorded of one stack."""
    runs = transaction.deployments.list(project=project, stack_id=stack.ref.id, limit=_RUNS)
    found = of_runs(transaction, runs, stack.ref.name)
    found.secrets |= _secrets(transaction, stack, runs)
    found.add(_held(transaction, stack))
    if not stack.records:
        text = f"nothing of stack {stack.ref.name} on {stack.ref.engine} is recorded as deployed"
        found.facts.append(Fact(Sign.NEVER_DEPLOYED, text, "records"))
    return found


def of_runs(transaction: Transaction, runs: Sequence[Deployment], name: str) -> Gathered:
    """What deployments, the newest first, say of themselves. A line of a step has the number of the step; what the
    whole run failed with has none."""
    found = Gathered(under_way=any(not run.ended for run in runs))
    past: str | None = None
    for run in runs:
        if not run.ended:
            text = f"deployment {run.id} is {run.state.replace('_', ' ')}"
            found.facts.append(Fact(Sign.RUN_UNDER_WAY, text, f"deployments of {name}"))
        elif run.state is DeploymentState.SUCCEEDED:
            if past is None and not _has_failed(found):
                found.facts += _of_success(run)
            past = _OVERTAKEN
        else:
            found.facts += [] if past else list(_of_failure(run))
            found.texts += _texts(transaction, run, past)
    found.examined.append(_examined(runs, name))
    return found


def _has_failed(found: Gathered) -> bool:
    return any(fact.sign is Sign.RUN_FAILED for fact in found.facts)


def _examined(runs: Sequence[Deployment], name: str) -> Examined:
    what = f"last deployments of {name}"
    if not runs:
        return Examined(name=what, result=CheckResult.WELL, found="there were none")
    bad = [run for run in runs if run.ended and run.state is not DeploymentState.SUCCEEDED]
    ended = next((run for run in runs if run.ended), None)
    worst = CheckResult.PROBLEM if ended is not None and ended in bad else CheckResult.WELL
    state = f"the newest ({runs[0].id}) is {runs[0].state.replace('_', ' ')}"
    return Examined(
        name=what,
        result=worst,
        found=f"{plural('deployment', len(runs))} read, {len(bad)} of them not successful; {state}",
    )


def _of_success(run: Deployment) -> Iterator[Fact]:
    place = f"deployment {run.id}"
    yield Fact(Sign.RUN_SUCCEEDED, "the last deployment succeeded", place)
    if run.checks and all(check.passed for check in run.checks):
        yield Fact(Sign.CHECKS_PASSED, f"all {len(run.checks)} checks passed then", place)


def _of_failure(run: Deployment) -> Iterator[Fact]:
    place = f"deployment {run.id}"
    message = str((run.error or {}).get("message") or "no message was kept")
    yield Fact(Sign.RUN_FAILED, message, place, _address(run))
    for check in run.checks:
        if not check.passed:
            text = f"{check.address} {check.name}: {check.detail}"
            yield Fact(Sign.CHECKS_FAILED, text, f"checks of {place}", check.address)
    for step in run.steps:
        if step.state is StepState.UNKNOWN:
            text = f"{step.action} of {step.address}: {step.error or 'its outcome is not known'}"
            yield Fact(Sign.OUTCOME_UNKNOWN, text, f"steps of {place}", step.address)


def _address(run: Deployment) -> str | None:
    address = (run.error or {}).get("address")
    return str(address) if address else None


def _texts(transaction: Transaction, run: Deployment, past: str | None) -> Iterator[Text]:
    place = f"deployment {run.id}"
    end = transaction.deployments.last_seq(run.id)
    events = transaction.deployments.events(run.id, after=max(0, end - _LINES), limit=_LINES)
    log = [Numbered(event.seq, event.message, event.address) for event in events]
    yield of_lines(f"log of {place}", log, Kind.RECORDED, past=past)
    steps = [
        Numbered(number, step.error, step.address)
        for number, step in enumerate(run.steps, start=1)
        if step.error
    ]
    error = run.error or {}
    whole = f"{error.get('code', '')}: {error.get('message', '')}"
    lines = [Numbered(0, whole, _address(run)), *steps] if error else steps
    yield of_lines(f"steps of {place}", lines, Kind.RECORDED, past=past)
    checks = [
        Numbered(number, f"{check.name}: {check.detail}", check.address)
        for number, check in enumerate(run.checks, start=1)
        if not check.passed
    ]
    yield of_lines(f"checks of {place}", checks, Kind.RECORDED, past=past)


def _held(transaction: Transaction, stack: Stack) -> Gathered:
    holder = transaction.stacks.holder(stack.ref.id)
    name = f"lock of {stack.ref.name}"
    told = f"held by {holder}" if holder else "nobody holds it"
    sign = Sign.STACK_HELD if holder else Sign.STACK_FREE
    return Gathered(
        facts=[Fact(sign, told, name)],
        examined=[Examined(name=name, result=CheckResult.WELL, found=told)],
    )


def _secrets(transaction: Transaction, stack: Stack, runs: Sequence[Deployment]) -> set[str]:
    """The values of the secrets that the newest plan uses: a program may have printed them."""
    names = {
        name
        for run in runs[:1]
        for change in run.plan.changes
        if change.desired is not None
        for name in change.desired.secret_names
    }
    try:
        found = [transaction.secrets.get(stack.ref.id, name) for name in sorted(names)]
    except SecretUnreadable:
        return set()
    return {value for value in found if value}
