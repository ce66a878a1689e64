"""An investigation: what was told, what is recorded, what engines show; and the causes that follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from alma.core.model.access import Permission
from alma.core.model.errors import AlmaError
from alma.core.model.principal import Principal
from alma.core.model.signature import CheckResult, Diagnosis, Examined, Sign
from alma.core.model.state import Stack
from alma.core.ports import Engines, Repositories, Transaction
from alma.core.services.diagnosing.issue import Issue, newest_first
from alma.core.services.diagnosing.live import (
    look_at_engine,
    look_at_plan,
    look_at_stack,
    opened,
)
from alma.core.services.diagnosing.matching import Fact, Hide, matched
from alma.core.services.diagnosing.named import affected_in
from alma.core.services.diagnosing.ranking import ranked
from alma.core.services.diagnosing.recorded import Gathered, of_stack
from alma.core.services.diagnosing.sending import to_send
from alma.core.services.diagnosing.signatures import SignatureBook
from alma.core.services.diagnosing.texts import Kind, Text, escaped, quoted
from alma.core.services.plans import Plans

# More stacks than these of one blueprint are not looked at: the newest tell most.
_STACKS = 3
_UNEXPLAINED = 5
_TOLD = 1_000
_HIDDEN = "[redacted]"
_SHORTEST_SECRET = 4

Progress = Callable[[str, float | None], None]


class Diagnosing:
    """Investigates. Nothing here changes anything: neither on engines nor in the database.

    `book` gives the signatures as the files are now; `redaction` gives what takes out what looks like a secret.
    """

    def __init__(
        self,
        *,
        repositories: Repositories,
        engines: Engines,
        plans: Plans,
        book: Callable[[], SignatureBook],
        redaction: Callable[[], Hide],
    ) -> None:
        self._repositories = repositories
        self._engines = engines
        self._plans = plans
        self._book = book
        self._redaction = redaction

    @property
    def book(self) -> SignatureBook:
        """The signatures that are known now."""
        return self._book()

    async def investigate(
        self,
        principal: Principal,
        issue: Issue,
        progress: Callable[[str, float | None], None] = lambda message, share: None,
    ) -> Diagnosis:
        """Looks at everything that can be looked at. Raises NotFound for a blueprint that there is not; an engine that
        can't be reached is a finding."""
        principal.require(
            Permission.BLUEPRINT_READ,
            Permission.STACK_READ,
            Permission.DEPLOYMENT_READ,
            Permission.ENGINE_READ,
        )
        progress("reading what is recorded", 0.1)
        issue, stacks, found = await asyncio.to_thread(self._recorded, principal, issue)
        progress("asking the engines", 0.3)
        found.add(await self._shown(principal, issue, stacks, under_way=found.under_way))
        progress("comparing with what is known", 0.8)
        return await asyncio.to_thread(self._concluded, issue, found, stacks)

    def recorded(
        self, transaction: Transaction, project: str, issue: Issue, stacks: Sequence[Stack]
    ) -> Diagnosis:
        """The same from what is told and recorded alone; no engine is asked."""
        found = _of_stacks(transaction, project, stacks[:_STACKS])
        # Whoever answers from records alone says that itself.
        found.facts = [fact for fact in found.facts if fact.sign is not Sign.NEVER_DEPLOYED]
        return self._concluded(issue.as_recorded(stacks), found, stacks)

    # ── gathering ────────────────────────────────────────────────────────────────────────────

    def _recorded(self, principal: Principal, issue: Issue) -> tuple[Issue, list[Stack], Gathered]:
        project = principal.project
        with self._repositories.read() as transaction:
            if issue.blueprint_id is None:
                return _named(issue), [], _unnamed()
            saved = transaction.blueprints.latest(issue.blueprint_id, project=project)
            issue = _named(replace(issue, blueprint=issue.blueprint or saved.blueprint))
            every = transaction.stacks.list(project=project, blueprint_id=issue.blueprint_id)
            stacks = newest_first(every)[:_STACKS]
            return issue.as_recorded(stacks), stacks, _of_stacks(transaction, project, stacks)

    async def _shown(
        self, principal: Principal, issue: Issue, stacks: Sequence[Stack], *, under_way: bool
    ) -> Gathered:
        found = Gathered()
        for place in self._places(principal, issue, stacks):
            found.add(await self._engine(principal, place, issue, stacks))
        if stacks or issue.blueprint_id is not None:
            landing = stacks[0].ref.engine if stacks else None
            reachable = not any(fact.sign in _SHUT for fact in found.facts)
            found.add(await self._planned(principal, issue, landing, (reachable, under_way)))
        return found

    def _places(self, principal: Principal, issue: Issue, stacks: Sequence[Stack]) -> list[str]:
        """Where what is affected runs or would land."""
        if stacks:
            return list(dict.fromkeys(stack.ref.engine for stack in stacks))
        wanted = issue.blueprint.engine if issue.blueprint else None
        return [wanted or self._plans.default_engine]

    async def _engine(
        self, principal: Principal, place: str, issue: Issue, stacks: Sequence[Stack]
    ) -> Gathered:
        engine = opened(lambda: self._engines.get(place, project=principal.project))
        if isinstance(engine, AlmaError):
            fact = Fact(Sign.ENGINE_DOWN, engine.message, f"engine {place}")
            why = Examined(name=f"engine {place}", result=CheckResult.NOT_RUN, found=engine.message)
            return Gathered(facts=[fact], examined=[why])
        looks = [look_at_stack(engine, s, issue) for s in stacks if s.ref.engine == place]
        found = Gathered()
        for part in await asyncio.gather(look_at_engine(engine, place), *looks):
            found.add(part)
        return found

    async def _planned(
        self,
        principal: Principal,
        issue: Issue,
        place: str | None,
        moment: tuple[bool, bool],
    ) -> Gathered:
        reachable, under_way = moment
        if not reachable:
            why = "the engine can't be read"
            what = "what a deployment would do now"
            return Gathered(examined=[Examined(name=what, result=CheckResult.NOT_RUN, found=why)])
        return await look_at_plan(self._plans, principal, issue, place, under_way=under_way)

    # ── concluding ───────────────────────────────────────────────────────────────────────────

    def _concluded(self, issue: Issue, found: Gathered, stacks: Sequence[Stack]) -> Diagnosis:
        book = self._book()
        hide = _hiding(found.secrets, self._redaction())
        texts = [*_given(issue), *found.texts]
        facts = [replace(fact, text=quoted(fact.text, hide)) for fact in found.facts]
        hits = matched(book, texts, facts, hide)
        engines = [stack.ref.engine for stack in stacks]
        causes = ranked(book, hits.hits, facts, issue, engines=engines)
        examined = tuple(
            item.model_copy(update={"found": escaped(hide(item.found))[:_TOLD]})
            for item in found.examined
        )
        return Diagnosis(
            causes=causes,
            examined=examined,
            unexplained=tuple(hits.unexplained[:_UNEXPLAINED]),
            send=to_send(issue, causes, examined, engines),
            cut=tuple(cut for text in texts if (cut := text.cut)),
            problems=book.problems,
        )


_SHUT = frozenset({Sign.ENGINE_DOWN, Sign.AUTH_REFUSED})


def _of_stacks(transaction: Transaction, project: str, stacks: Sequence[Stack]) -> Gathered:
    found = Gathered()
    for stack in stacks:
        found.add(of_stack(transaction, project, stack))
    if not stacks:
        text = "it is on no engine: it was never deployed"
        found.facts.append(Fact(Sign.NEVER_DEPLOYED, text, "records"))
        found.examined.append(
            Examined(name="last deployments", result=CheckResult.WELL, found=text)
        )
    return found


def _unnamed() -> Gathered:
    why = "no saved blueprint is named"
    return Gathered(
        examined=[Examined(name="last deployments", result=CheckResult.NOT_RUN, found=why)]
    )


def _named(issue: Issue) -> Issue:
    """With what the words name, where nothing is said to be affected."""
    if issue.affected or issue.blueprint is None:
        return issue
    words = " ".join((issue.description, *issue.symptoms))
    return replace(issue, affected=affected_in(words, issue.blueprint))


def _given(issue: Issue) -> list[Text]:
    """What somebody has said and handed over."""
    one = len(issue.logs) == 1
    texts = [
        Text("issue description", issue.description, Kind.SAID),
        Text("error message", issue.error_message, Kind.GIVEN),
        Text("symptoms", "\n".join(issue.symptoms), Kind.SAID),
        *(
            Text("logs" if one else f"logs {number}", log, Kind.GIVEN)
            for number, log in enumerate(issue.logs, start=1)
        ),
    ]
    return [text for text in texts if text.content.strip()]


def _hiding(secrets: set[str], clean: Hide) -> Hide:
    """Takes out the stack's own secrets, the longest first, then what looks like one."""
    known = sorted((s for s in secrets if len(s) >= _SHORTEST_SECRET), key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in known:
            text = text.replace(secret, _HIDDEN)
        return clean(text)

    return hide
