"""What the state of a request says of its Blueprint: conditions, and the phase."""

from __future__ import annotations

from alma.core.model.deployment import Deployment, DeploymentState
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.plan import PlanKind
from alma.operator import names
from alma.operator.documents import RequestStatus
from alma.operator.names import Kind, Phase, Truth
from alma.operator.turn import Turn, in_full, request_name

_FALSE, _TRUE = Truth.FALSE, Truth.TRUE


def say_request(
    turn: Turn, ipr: IPR, status: RequestStatus, run: Deployment | None, *, settled: bool = False
) -> None:
    """`settled`: what is declared is deployed already, and the request is about something beside that, such as drift;
    it says nothing then of what is deployed."""
    _say_plan(turn, status)
    match ipr.state:
        case IPRState.PENDING:
            _say_waiting(turn, ipr, status)
        case IPRState.REJECTED | IPRState.CANCELLED:
            _say_turned_down(turn, ipr, run)
        case _:
            turn.say(Kind.APPROVED, _TRUE, "Approved", _by(status))
            _say_run(turn, ipr, status, run)
    if settled and run is None:
        turn.unsay(Kind.DEPLOYED, Kind.READY)
    if ipr.plan.target.kind is PlanKind.DESTROY:
        turn.note(phase=Phase.DELETING)


def _say_plan(turn: Turn, status: RequestStatus) -> None:
    if status.blocked:
        turn.say(Kind.PLANNED, _FALSE, "Blocked", "; ".join(status.blocked))
    else:
        turn.say(Kind.PLANNED, _TRUE, "Planned", status.summary)


def _say_waiting(turn: Turn, ipr: IPR, status: RequestStatus) -> None:
    turn.note(phase=Phase.AWAITING_APPROVAL)
    refused = status.decision if status.decision and not status.decision.accepted else None
    if refused is not None:
        turn.say(Kind.APPROVED, _FALSE, refused.reason, refused.message or "")
    else:
        name = request_name(turn.seen.name, ipr.id)
        told = status.awaits or "an approval"
        how = f"annotate {name} with {names.APPROVE}={ipr.plan.digest}, or decide in ALMA"
        turn.say(Kind.APPROVED, _FALSE, "AwaitingApproval", f"waits for {told}: {how}")
    _not_deployed(turn, "AwaitingApproval", status.summary)


def _say_turned_down(turn: Turn, ipr: IPR, run: Deployment | None) -> None:
    word = "Rejected" if ipr.state is IPRState.REJECTED else "Cancelled"
    said = ipr.reviews[-1].comments if ipr.reviews and word == "Rejected" else ""
    turn.note(phase=Phase.REJECTED)
    how = f"change the Blueprint, or annotate it with {names.REQUEST_AGAIN}"
    turn.say(Kind.APPROVED, _FALSE, word, f"{said}; {how}" if said else how)
    _not_deployed(turn, word, "" if run is None else f"deployment {run.id} was cancelled")


def _say_run(turn: Turn, ipr: IPR, status: RequestStatus, run: Deployment | None) -> None:
    match ipr.state:
        case IPRState.DEPLOYED:
            turn.note(phase=Phase.DEPLOYED)
            turn.say(Kind.DEPLOYED, _TRUE, "Deployed", status.summary)
        case IPRState.FAILED:
            turn.note(phase=Phase.FAILED)
            back = run is not None and run.state is DeploymentState.ROLLED_BACK
            failed = (status.deployment.failed if status.deployment else None) or ""
            again = f"annotate the Blueprint with {names.REQUEST_AGAIN} to plan it again"
            _not_deployed(turn, "RolledBack" if back else "DeploymentFailed", f"{failed}; {again}")
        case IPRState.DEPLOYING:
            turn.note(phase=Phase.DEPLOYING)
            far = status.deployment
            told = f"{far.done} of {far.steps} changes are made" if far else ""
            _not_deployed(turn, "Deploying", told)
        case _:
            _say_held(turn)


def _say_held(turn: Turn) -> None:
    """It is approved and does not run: something stands against it, now or until somebody acts."""
    turn.note(phase=Phase.DEPLOYING)
    if turn.held is None:
        _not_deployed(turn, "Waiting", "it is to be deployed")
    else:
        _not_deployed(turn, type(turn.held).__name__, in_full(turn.held))


def _not_deployed(turn: Turn, reason: str, message: str) -> None:
    turn.say(Kind.DEPLOYED, _FALSE, reason, message)
    turn.say(Kind.READY, _FALSE, reason, message)


def _by(status: RequestStatus) -> str:
    return f"by {', '.join(status.approved_by)}" if status.approved_by else ""
