"""What policy says of a project's blueprints, and who answers for what it says: the one place that joins rules, data,
waivers and the day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Protocol

from alma.core.model.access import Permission
from alma.core.model.base import digest_of
from alma.core.model.blueprint import Blueprint
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import InvalidInput, NotFound
from alma.core.model.finding import Assessment, Rule, Waiver
from alma.core.model.principal import Principal
from alma.core.model.software import Catalogue
from alma.core.model.suggest import did_you_mean
from alma.core.planning.collector import without_collector
from alma.core.policy.evaluate import assess
from alma.core.policy.lifecycle import Lifecycle
from alma.core.policy.packs import Pack, RuleBook, read_packs
from alma.core.ports import Clock, Repositories, Transaction

_REMEMBERED = 64


class Packs(Protocol):
    """Where packs of rules come from."""

    def packs(self, project: str) -> Sequence[Pack]:
        """Those that hold for a project, in their order."""


@dataclass(slots=True)
class _Books:
    """Rule books that were read before, by the texts they were made of."""

    lock: Lock = field(default_factory=Lock)
    by_texts: dict[tuple[tuple[str, str], ...], RuleBook] = field(default_factory=dict)


class Policies:
    """Rules, assessments and waivers of projects. Nothing here asks an engine; an assessment reads waivers, and is
    arithmetic otherwise: call it in a thread."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        packs: Packs,
        catalogue: Catalogue,
        lifecycle: Callable[[], Lifecycle],
        clock: Clock,
    ) -> None:
        self._repositories = repositories
        self._packs = packs
        self._catalogue = catalogue
        self._lifecycle = lifecycle
        self._clock = clock
        self._books = _Books()

    # ── rules ────────────────────────────────────────────────────────────────────────────────

    def book(self, project: str) -> RuleBook:
        """The rules of a project, read anew when a file has changed."""
        packs = self._packs.packs(project)
        key = tuple((pack.name, pack.fault or pack.text) for pack in packs)
        with self._books.lock:
            found = self._books.by_texts.get(key)
            if found is None:
                rests_on = digest_of(self._lifecycle().model_dump(mode="json"))
                found = read_packs(packs, rests_on=rests_on)
                if len(self._books.by_texts) >= _REMEMBERED:
                    self._books.by_texts.pop(next(iter(self._books.by_texts)))
                self._books.by_texts[key] = found
        return found

    def rules(self, project: str) -> Sequence[Rule]:
        """Every rule, those that are off among them, in the order of the files."""
        return [item.rule for item in self.book(project).rules]

    def rule(self, project: str, rule_id: str) -> Rule:
        """The rule of that id, whatever its case. Raises NotFound."""
        book = self.book(project)
        found = book.find(rule_id)
        if found is None:
            hint = did_you_mean(rule_id.upper(), [item.rule.id for item in book.rules])
            raise NotFound(f"there is no rule {rule_id}", hint=hint)
        return found.rule

    def bundle(self, project: str) -> str:
        """The rules that hold, by a name and a digest of all they rest on: what a plan was judged by."""
        return self.book(project).bundle

    def problems(self, project: str) -> Sequence[Diagnostic]:
        """What is wrong with the files."""
        return self.book(project).problems

    # ── assessments ──────────────────────────────────────────────────────────────────────────

    @without_collector
    def assess(
        self,
        project: str,
        blueprint: Blueprint,
        *,
        frameworks: Collection[str] = (),
        within: Transaction | None = None,
    ) -> Assessment:
        """What the rules say of a blueprint today, waivers counted in. With `frameworks`, only the rules that are
        evidence for one of them. Who has a transaction already has waivers read `within` it: a second connection could
        be waited for in vain."""
        today = self.today()
        return assess(
            self.book(project),
            blueprint,
            lifecycle=self._lifecycle(),
            today=today,
            catalogue=self._catalogue,
            waivers=self._stored(project, within),
            frameworks=frameworks,
        )

    def today(self) -> date:
        """The day by which waivers and versions are judged, in UTC."""
        return self._clock.now().date()

    def _stored(self, project: str, within: Transaction | None) -> Sequence[Waiver]:
        """Those that were not taken back, also the ones that are over: that they are is a finding."""
        every = (
            self.waivers(project, past=True)
            if within is None
            else within.waivers.list(project=project, held_on=None)
        )
        return [waiver for waiver in every if waiver.revoked_at is None]

    # ── waivers ──────────────────────────────────────────────────────────────────────────────

    def waivers(self, project: str, *, past: bool = False) -> Sequence[Waiver]:
        """The waivers that hold today; with `past`, also those that are over or were taken back. Oldest first."""
        held_on = None if past else self.today()
        with self._repositories.read() as transaction:
            return transaction.waivers.list(project=project, held_on=held_on)

    def waive(self, principal: Principal, waiver: Waiver) -> Waiver:
        """Answers for a broken rule in the caller's name, until the waiver's last day. Raises NotFound for an unknown
        rule, InvalidInput when the day has passed or there is no reason, Forbidden for who may not approve: to lift a
        mandatory rule is to approve what it forbids."""
        principal.require(Permission.POLICY_WAIVE)
        rule = self.rule(principal.project, waiver.rule)
        if waiver.expires < self.today():
            raise InvalidInput(
                f"a waiver until {waiver.expires.isoformat()} is over already",
                hint="give the last day on which it is to hold",
            )
        if len(waiver.reason.strip()) < 3:
            raise InvalidInput("a waiver needs a reason", hint="say why it may stay as it is")
        granted = waiver.model_copy(update={"rule": rule.id, "by": principal.id})
        with self._repositories.write() as transaction:
            added = transaction.waivers.add(granted, project=principal.project)
            transaction.audit.add(
                principal,
                action="waiver.grant",
                target=f"waiver/{added.id}",
                after={
                    "rule": added.rule,
                    "resource": added.resource,
                    "blueprint": added.blueprint,
                    "expires": added.expires.isoformat(),
                },
            )
            return added

    def unwaive(self, principal: Principal, waiver_id: str) -> Waiver:
        """Takes a waiver back; it stays known that it was there. Raises NotFound, and Conflict for one that was taken
        back before."""
        principal.require(Permission.POLICY_WAIVE)
        if not waiver_id.isdecimal() or len(waiver_id) > 18:
            raise NotFound(
                f"waiver {waiver_id} does not exist",
                hint="one that stands in a blueprint is taken away there",
            )
        with self._repositories.write() as transaction:
            revoked = transaction.waivers.revoke(
                int(waiver_id), project=principal.project, by=principal.id
            )
            transaction.audit.add(
                principal,
                action="waiver.revoke",
                target=f"waiver/{revoked.id}",
                before={"rule": revoked.rule, "resource": revoked.resource},
            )
            return revoked
