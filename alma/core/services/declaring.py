"""Takes in blueprints that are declared elsewhere, and asks for what they need: each thing once.

Whoever keeps a blueprint outside, such as an operator in a cluster, says what it wants as often as it likes, from any
number of processes, and may die between any two words. So each act here is one transaction that writes its result down
beside what it made, and is refused (Overtaken) where another process was there first: the next look sees what that one
has done. Deciding and deploying are not here: those are `IPRs`' business, whoever asks.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from alma.core.model.access import Permission
from alma.core.model.blueprint import Blueprint, Revision
from alma.core.model.declaration import Declaration
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import Conflict, NotFound, Overtaken
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.plan import Pace, Plan, PlanKind
from alma.core.model.principal import Principal
from alma.core.ports import Repositories, Transaction
from alma.core.services.iprs import IPRs
from alma.core.services.noting import note_revision
from alma.core.services.plans import Plans

_AS_PLANNED = Pace()
_OPEN = frozenset({IPRState.PENDING, IPRState.APPROVED})


@dataclass(frozen=True)
class _Said:
    """What is declared: by which object, as of which of its states."""

    source: str
    holder: str
    generation: int
    blueprint: Blueprint


class Declaring:
    """Declarations of the caller's project."""

    def __init__(self, *, repositories: Repositories, plans: Plans, iprs: IPRs) -> None:
        self._repositories = repositories
        self._plans = plans
        self._iprs = iprs

    # ── what is wanted ───────────────────────────────────────────────────────────────────────────

    def find(self, principal: Principal, source: str) -> Declaration | None:
        """What became of a source so far; also where it was declared in another project."""
        principal.require(Permission.BLUEPRINT_READ)
        with self._repositories.read() as transaction:
            return transaction.declarations.find(source)

    def current(self, principal: Principal, declared: Declaration) -> bool:
        """Whether the blueprint still says what was declared: somebody may have saved another revision, or deleted
        it."""
        principal.require(Permission.BLUEPRINT_READ)
        with self._repositories.read() as transaction:
            found = transaction.blueprints.many([declared.blueprint_id], project=declared.project)
        return any(latest.number == declared.revision for latest in found)

    def take(
        self,
        principal: Principal,
        source: str,
        *,
        holder: str,
        generation: int,
        document: object,
        take_over: bool = False,
    ) -> Declaration:
        """Saves what is declared as a revision, unless the newest one says the same. One that was let go is taken up
        again, with its stack.

        Raises BlueprintInvalid with everything that is wrong; nothing is saved then. NotFound for a project that is not
        there; Conflict where another object holds the source and is not to be taken over, or it is in another project.
        """
        principal.require(Permission.BLUEPRINT_WRITE, Permission.BLUEPRINT_READ)
        blueprint = document if isinstance(document, Blueprint) else parse_blueprint(document)
        said = _Said(source, holder, generation, blueprint)
        with self._repositories.write() as transaction:
            _require_project(transaction, principal.project)
            known = transaction.declarations.find(source, lock=True)
            if known is None:
                return _first(transaction, principal, said)
            _require_free(known, principal, holder, take_over=take_over)
            return _again(transaction, principal, known, said)

    # ── what it takes ────────────────────────────────────────────────────────────────────────────

    async def request(
        self,
        principal: Principal,
        declared: Declaration,
        *,
        title: str,
        engine: str | None = None,
        kind: PlanKind = PlanKind.DEPLOY,
        volumes: bool = False,
        pace: Pace = _AS_PLANNED,
        asked: str | None = None,
    ) -> tuple[Declaration, IPR | None]:
        """Opens a request for the declared revision, in place of the one before; None, and settled, where there is
        nothing to do. `asked` is the word by which somebody wants another one of the same revision.

        Raises EngineError and what else stands against a plan; Overtaken when the declaration, or its blueprint, is not
        as it was given any more; Conflict while the request before is deploying.
        """
        principal.require(Permission.IPR_OPEN, Permission.IPR_CANCEL, Permission.PLAN)
        target = await self._plans.target(
            principal, declared.blueprint_id, engine=engine, kind=kind, volumes=volumes, pace=pace
        )
        if kind is PlanKind.DEPLOY and target.revision != declared.revision:
            raise _overtaken(declared.source)
        plan = await self._plans.make(principal, target, claim=True)
        needless = await asyncio.to_thread(self._needless, plan)
        council = None if needless else await self._iprs.examine(principal, plan)

        def opened() -> tuple[Declaration, IPR | None]:
            with self._repositories.write() as transaction:
                _require_unchanged(transaction, declared)
                self._withdraw_open(transaction, principal, declared)
                noted = {"engine": target.engine, "kind": kind, "asked": asked}
                if council is None:
                    settled = declared.model_copy(
                        update={**noted, "ipr_id": None, "settled": declared.revision}
                    )
                    transaction.declarations.put(settled)
                    return settled, None
                ipr = self._iprs.add(
                    transaction,
                    principal,
                    title=title,
                    description="",
                    plan=plan,
                    engine_chosen=engine is not None,
                    council=council,
                )
                changed = declared.model_copy(update={**noted, "ipr_id": ipr.id})
                transaction.declarations.put(changed)
                return changed, ipr

        return await asyncio.to_thread(opened)

    def _needless(self, plan: Plan) -> bool:
        """Whether all of it is there already. What was never deployed in full is deployed, if only to be proved."""
        if plan.effective or plan.blocked:
            return False
        if plan.target.kind is PlanKind.DESTROY:
            return True
        with self._repositories.read() as transaction:
            stack = transaction.stacks.get(plan.stack.id, project=plan.stack.project)
        return stack.revision is not None

    def _withdraw_open(
        self, transaction: Transaction, principal: Principal, declared: Declaration
    ) -> None:
        if declared.ipr_id is None:
            return
        ids, project = [declared.ipr_id], declared.project
        if transaction.iprs.among(ids, _OPEN, project=project):
            self._iprs.withdraw(transaction, principal, declared.ipr_id)
        elif transaction.iprs.among(ids, {IPRState.DEPLOYING}, project=project):
            raise Conflict(
                f"IPR {declared.ipr_id} is deploying",
                hint="what is declared now is asked for when that has ended",
            )

    def settle(self, principal: Principal, declared: Declaration) -> Declaration:
        """Notes that the declared revision is deployed. Raises Overtaken."""
        principal.require(Permission.BLUEPRINT_WRITE)
        settled = declared.model_copy(update={"settled": declared.revision})
        with self._repositories.write() as transaction:
            _require_unchanged(transaction, declared)
            transaction.declarations.put(settled)
        return settled

    def let_go(self, principal: Principal, declared: Declaration) -> None:
        """The object that declared it is gone: what waits for approval is withdrawn, and what is deployed stays with
        its stack, to be taken up again under the same name or to be removed by hand. Raises Overtaken."""
        principal.require(Permission.BLUEPRINT_WRITE, Permission.IPR_CANCEL)
        with self._repositories.write() as transaction:
            _require_unchanged(transaction, declared)
            if declared.ipr_id is not None and transaction.iprs.among(
                [declared.ipr_id], _OPEN, project=declared.project
            ):
                self._iprs.withdraw(transaction, principal, declared.ipr_id)
            transaction.declarations.put(declared.model_copy(update={"holder": None}))


def _first(transaction: Transaction, principal: Principal, said: _Said) -> Declaration:
    revision = _added(transaction, principal, said.blueprint)
    declared = Declaration(
        source=said.source,
        project=principal.project,
        holder=said.holder,
        generation=said.generation,
        blueprint_id=revision.id,
        revision=revision.number,
    )
    if not transaction.declarations.add(declared):
        raise _overtaken(said.source)
    return declared


def _again(
    transaction: Transaction, principal: Principal, known: Declaration, said: _Said
) -> Declaration:
    revision = _revised(transaction, principal, known, said.blueprint)
    anew = revision.id != known.blueprint_id or known.kind is PlanKind.DESTROY
    begun = {"kind": PlanKind.DEPLOY, "settled": 0, "ipr_id": None, "engine": None}
    declared = known.model_copy(
        update={
            "holder": said.holder,
            "generation": said.generation,
            "blueprint_id": revision.id,
            "revision": revision.number,
            **(begun if anew else {}),
        }
    )
    if declared != known:
        transaction.declarations.put(declared)
    return declared


def _added(transaction: Transaction, principal: Principal, blueprint: Blueprint) -> Revision:
    revision = transaction.blueprints.add(
        blueprint, project=principal.project, origins={}, by=principal.person
    )
    note_revision(transaction, principal, revision)
    return revision


def _revised(
    transaction: Transaction, principal: Principal, known: Declaration, blueprint: Blueprint
) -> Revision:
    """The newest revision if it says the same, else a further one; of a blueprint that was deleted, a first one."""
    try:
        latest = transaction.blueprints.latest(known.blueprint_id, project=known.project)
    except NotFound:
        return _added(transaction, principal, blueprint)
    if latest.blueprint.dump() == blueprint.dump():
        return latest
    revision = transaction.blueprints.add_revision(
        known.blueprint_id,
        blueprint,
        project=known.project,
        origins={},
        by=principal.person,
        expected=latest.number,
    )
    note_revision(transaction, principal, revision)
    return revision


def _require_project(transaction: Transaction, project: str) -> None:
    found = transaction.projects.list(ids=[project], limit=1)
    if not found or found[0].archived_at is not None:
        raise NotFound(
            f"project {project} does not exist",
            hint="name one that does, or have an administrator make it",
        )


def _require_free(
    known: Declaration, principal: Principal, holder: str, *, take_over: bool
) -> None:
    if known.project != principal.project:
        raise Conflict(
            f"what is declared as {known.source} is in project {known.project}",
            hint=f"name project {known.project} again, or declare it under another name",
            details={"project": known.project},
        )
    if known.holder not in {None, holder} and not take_over:
        raise Conflict(
            f"another object declares {known.source} already",
            hint="if that one is in another cluster, give each cluster a name of its own; if it is gone for good, have "
            "this one take over",
            details={"holder": known.holder},
        )


def _require_unchanged(transaction: Transaction, declared: Declaration) -> None:
    if transaction.declarations.find(declared.source, lock=True) != declared:
        raise _overtaken(declared.source)


def _overtaken(source: str) -> Overtaken:
    return Overtaken(
        f"what is declared as {source} was changed meanwhile", hint="look again, then decide anew"
    )
