"""Deployments, their steps, and the log that everybody watches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, func, insert, select, update

from alma.core.model.deployment import ENDED, Deployment, DeploymentState, Step, StepState
from alma.core.model.event import Event, EventType
from alma.db import tables
from alma.db.plans import PlanStore
from alma.db.repository import Repository, behind, columns_of, missing, noun, page, plain

_deployment = tables.deployment.c
_step = tables.step.c
_event = tables.event.c
_DEPLOYMENT = columns_of(tables.deployment, Deployment)
_STEP = columns_of(tables.step, Step)
_EVENT = columns_of(tables.event, Event)
_ALL = [column.name for column in _DEPLOYMENT]
_CHANGEABLE = sorted(
    {*_ALL} - {"id", "project", "ipr_id", "started_by", "created_at", "cancel_requested"}
)

# Said many times for each step of a run: put together once, they cost a third less.
_STATE = (
    select(_deployment.state)
    .where(_deployment.id == bindparam("id"))
    .with_for_update(key_share=True)
)
_ONE_STEP = (_step.deployment_id == bindparam("of")) & (_step.address == bindparam("at"))
_STEP_AT = select(*_STEP).where(_ONE_STEP)
_NOTES_AT = select(_step.notes).where(_ONE_STEP)
_PUT_STEP = update(tables.step).where(_ONE_STEP)
_SAID = select(*_EVENT).where(
    (_event.deployment_id == bindparam("of")) & (_event.once == bindparam("once"))
)
_LAST_SEQ = select(func.coalesce(func.max(_event.seq), 0)).where(
    _event.deployment_id == bindparam("of")
)
_SAY = insert(tables.event)
_LATER = (
    select(*_EVENT)
    .where((_event.deployment_id == bindparam("of")) & (_event.seq > bindparam("after")))
    .order_by(_event.seq)
)


class Deployments(Repository):
    """`DeploymentRepository` in SQL.

    A wish to cancel, once recorded, is never taken back: a run that writes down its progress may have read its row
    before somebody asked.
    """

    def add(self, deployment: Deployment) -> None:
        """Raises NotFound when the IPR is not one of the deployment's project."""
        ours = (tables.ipr.c.id == deployment.ipr_id) & (tables.ipr.c.project == deployment.project)
        self._one(select(tables.ipr.c.id).where(ours), f"IPR {deployment.ipr_id}")
        row = plain(deployment, _ALL) | {
            "plan_id": PlanStore(self._scope).save(deployment.plan),
            "stack_id": deployment.plan.stack.id,
        }
        self._execute(insert(tables.deployment), row)
        if deployment.steps:
            rows = [_step_row(deployment.id, *item) for item in enumerate(deployment.steps)]
            self._execute(insert(tables.step), rows)

    def get(self, id_: str, *, project: str | None = None) -> Deployment:
        statement = _deployments().where(_deployment.id == id_)
        if project is not None:
            statement = statement.where(_deployment.project == project)
        return self._nouns([self._one(statement, f"deployment {id_}")])[0]

    def state(self, id_: str, *, project: str) -> DeploymentState:
        ours = (_deployment.id == id_) & (_deployment.project == project)
        found = self._one(select(_deployment.state).where(ours), f"deployment {id_}")
        return DeploymentState(found["state"])

    def lock(self, id_: str) -> DeploymentState:
        found = self._one(_STATE, f"deployment {id_}", {"id": id_})
        return DeploymentState(found["state"])

    def list(
        self,
        *,
        project: str,
        skip: int = 0,
        limit: int = 100,
        state: DeploymentState | None = None,
        stack_id: str | None = None,
        after: tuple[datetime, str] | None = None,
    ) -> Sequence[Deployment]:
        statement = (
            _deployments()
            .where(_deployment.project == project)
            .order_by(_deployment.created_at.desc(), _deployment.id.desc())
        )
        if state is not None:
            statement = statement.where(_deployment.state == state.value)
        if stack_id is not None:
            statement = statement.where(_deployment.stack_id == stack_id)
        if after is not None:
            statement = statement.where(behind(_deployment.created_at, _deployment.id, after))
        return self._nouns(self._rows(page(statement, skip, limit)))

    def count(
        self,
        *,
        project: str,
        state: DeploymentState | None = None,
        stack_id: str | None = None,
    ) -> int:
        statement = select(func.count()).select_from(tables.deployment)
        statement = statement.where(_deployment.project == project)
        if stack_id is not None:
            statement = statement.where(_deployment.stack_id == stack_id)
        if state is not None:
            statement = statement.where(_deployment.state == state.value)
        return int(self._execute(statement).scalar_one())

    def update(self, deployment: Deployment) -> None:
        ours = (_deployment.id == deployment.id) & (_deployment.project == deployment.project)
        before = self._one(select(_deployment.plan_id).where(ours), f"deployment {deployment.id}")
        values = plain(deployment, _CHANGEABLE)
        values["plan_id"] = PlanStore(self._scope).replace(before["plan_id"], deployment.plan)
        if deployment.cancel_requested:
            values["cancel_requested"] = True
        self._execute(update(tables.deployment).where(ours), values)

    def request_cancel(self, id_: str) -> None:
        wish = update(tables.deployment).where(_deployment.id == id_)
        if not self._execute(wish.values(cancel_requested=True)).rowcount:
            raise missing(f"deployment {id_}")

    def cancel_requested(self, id_: str) -> bool:
        asked = select(_deployment.cancel_requested).where(_deployment.id == id_)
        return bool(self._one(asked, f"deployment {id_}")["cancel_requested"])

    def step(self, id_: str, address: str) -> Step:
        what = f"step '{address}' of deployment {id_}"
        found = self._one(_STEP_AT, what, {"of": id_, "at": address})
        return noun(Step, found)

    def failed_step(self, id_: str) -> Step | None:
        bad = _step.state.in_([StepState.FAILED.value, StepState.UNKNOWN.value])
        found = self._rows(
            select(*_STEP)
            .where(_step.deployment_id == id_, bad)
            .order_by(_step.position, _step.address)
            .limit(1)
        )
        return noun(Step, found[0]) if found else None

    def last_queued(self, *, stack_id: str) -> datetime | None:
        newest = select(_deployment.created_at).where(_deployment.stack_id == stack_id)
        in_order = newest.order_by(_deployment.created_at.desc()).limit(1)
        moment: datetime | None = self._execute(in_order).scalar()
        return moment

    def unended(self, *, stack_id: str | None = None) -> Sequence[str]:
        ends = [state.value for state in ENDED]
        statement = select(_deployment.id).where(_deployment.state.not_in(ends))
        if stack_id is not None:
            statement = statement.where(_deployment.stack_id == stack_id)
        in_order = statement.order_by(_deployment.created_at, _deployment.id)
        return [*self._execute(in_order).scalars()]

    def put_step(self, id_: str, step: Step) -> None:
        values = {"of": id_, "at": step.address, **plain(step, Step.model_fields)}
        if not self._execute(_PUT_STEP, values).rowcount:
            raise missing(f"step '{step.address}' of deployment {id_}")

    def keep(self, id_: str, address: str, *, key: str, name: str, value: str) -> None:
        notes = self._notes(id_, address)
        notes[key] = {**notes.get(key, {}), name: value}
        self._execute(_PUT_STEP, {"of": id_, "at": address, "notes": notes})

    def kept(self, id_: str, address: str, *, key: str) -> Mapping[str, str]:
        return self._notes(id_, address).get(key, {})

    def _notes(self, id_: str, address: str) -> dict[str, dict[str, str]]:
        what = f"step '{address}' of deployment {id_}"
        found = self._one(_NOTES_AT, what, {"of": id_, "at": address})
        return dict(found["notes"] or {})

    def move_steps(self, id_: str, *, before: Collection[StepState], after: StepState) -> None:
        those = (_step.deployment_id == id_) & _step.state.in_([state.value for state in before])
        self._execute(update(tables.step).where(those).values(state=after.value))

    def append_event(
        self,
        id_: str,
        type_: EventType,
        message: str,
        *,
        address: str | None = None,
        data: Mapping[str, Any] | None = None,
        once: str | None = None,
    ) -> Event:
        # Whoever holds the deployment's row writes the next line; a rollback gives the number back.
        self.lock(id_)
        earlier = self._said_before(id_, once)
        if earlier is not None:
            return earlier
        made = Event(
            deployment_id=id_,
            seq=self.last_seq(id_) + 1,
            time=self._now(),
            type=type_,
            message=message,
            address=address,
            data=data or {},
        )
        row = plain(made, Event.model_fields) | {"once": once}
        self._execute(_SAY, row)
        self._scope.told.add(id_)
        return made

    def _said_before(self, id_: str, once: str | None) -> Event | None:
        if once is None:
            return None
        found = self._rows(_SAID, {"of": id_, "once": once})
        return noun(Event, found[0]) if found else None

    def events(self, id_: str, *, after: int = 0, limit: int = 500) -> Sequence[Event]:
        rows = self._rows(page(_LATER, 0, limit), {"of": id_, "after": after})
        return [noun(Event, row) for row in rows]

    def many(self, ids: Sequence[str], *, project: str) -> Sequence[Deployment]:
        ours = (_deployment.project == project) & _deployment.id.in_(ids)
        return self._nouns(self._rows(_deployments().where(ours)))

    def logs(self, ids: Sequence[str], *, project: str, after: int, limit: int) -> Sequence[Event]:
        # Lines count from 1 without gaps, so that no window is needed to cut each log.
        statement = (
            select(*_EVENT)
            .join(tables.deployment, _deployment.id == _event.deployment_id)
            .where(_deployment.project == project, _deployment.id.in_(ids))
            .where(_event.seq > after, _event.seq <= after + limit)
            .order_by(_event.deployment_id, _event.seq)
        )
        return [noun(Event, row) for row in self._rows(statement)]

    def project_of(self, id_: str) -> str:
        found = self._one(
            select(_deployment.project).where(_deployment.id == id_), f"deployment {id_}"
        )
        return str(found["project"])

    def heads(self, *, since: datetime) -> Mapping[str, tuple[str, int]]:
        ends = [state.value for state in ENDED]
        last = (
            select(func.coalesce(func.max(_event.seq), 0))
            .where(_event.deployment_id == _deployment.id)
            .scalar_subquery()
        )
        statement = select(_deployment.id, _deployment.project, last.label("last")).where(
            _deployment.state.not_in(ends) | (_deployment.finished_at >= since)
        )
        return {row["id"]: (row["project"], int(row["last"])) for row in self._rows(statement)}

    def last_seq(self, id_: str) -> int:
        return int(self._execute(_LAST_SEQ, {"of": id_}).scalar_one())

    def _nouns(self, rows: Sequence[RowMapping]) -> Sequence[Deployment]:
        plans = PlanStore(self._scope).load(row["plan_id"] for row in rows)
        steps = self._grouped(_steps([row["id"] for row in rows]), "deployment_id", Step)
        return [
            noun(Deployment, row, plan=plans[row["plan_id"]], steps=steps.get(row["id"], ()))
            for row in rows
        ]


def _steps(ids: Sequence[str]) -> Select[Any]:
    statement = select(_step.deployment_id, *_STEP).where(_step.deployment_id.in_(ids))
    return statement.order_by(_step.deployment_id, _step.position, _step.address)


def _deployments() -> Select[Any]:
    return select(*_DEPLOYMENT, _deployment.plan_id)


def _step_row(id_: str, position: int, step: Step) -> dict[str, Any]:
    return plain(step, Step.model_fields) | {"deployment_id": id_, "position": position}
