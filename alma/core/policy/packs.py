"""Packs of rules: read, checked, put together. A rule with a fault is named with its file and line; the others run.

A pack is a mapping with `rules`. What is shipped comes first, then somebody's own, then a project's. An entry with an
id that is known already says `level` or `severity` only, and changes that rule; any other entry is a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from alma.core.model.base import digest_of
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.faults import faults_of
from alma.core.model.finding import Gravity, Level, Rule
from alma.core.model.plain import Location, Position
from alma.core.model.suggest import did_you_mean
from alma.core.model.yaml_reader import read_yaml
from alma.core.policy.rules import CompiledRule, RuleFault, compile_rule

_KEYS = frozenset({"rules", "title", "description", "examples_on"})
_CHANGES = frozenset({"level", "severity"})


@dataclass(frozen=True, slots=True)
class Pack:
    """One file of rules. `document` is what it says, where that was read before; `fault` why there is no text."""

    name: str
    text: str
    document: Any = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules that hold, in the order of the files, and what is wrong with the files. `bundle` names the rules and
    what they rest on: `policies@` and a digest of both."""

    rules: tuple[CompiledRule, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    bundle: str = ""

    @property
    def active(self) -> tuple[CompiledRule, ...]:
        """The rules that are not switched off."""
        return tuple(item for item in self.rules if item.rule.level is not Level.OFF)

    def find(self, rule_id: str) -> CompiledRule | None:
        """The rule of that id, whatever its case."""
        wanted = rule_id.upper()
        return next((item for item in self.rules if item.rule.id == wanted), None)


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    rules: dict[str, CompiledRule] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def read_packs(packs: Iterable[Pack], *, rests_on: str = "") -> RuleBook:
    """The rules of all packs, later ones on top of earlier ones. Never raises for what a pack says: that is in
    `problems`. `rests_on` is the digest of data that rules are computed from."""
    reading = _Reading()
    for pack in packs:
        _read_pack(pack, reading)
    rules = tuple(reading.rules.values())
    return RuleBook(rules, tuple(reading.problems), _bundle(rules, rests_on))


def _bundle(rules: Sequence[CompiledRule], rests_on: str) -> str:
    effective = [
        item.rule.model_dump(mode="json", by_alias=True, exclude={"pack", "examples"})
        for item in sorted(rules, key=lambda item: item.rule.id)
        if item.rule.level is not Level.OFF
    ]
    digest = digest_of({"rules": effective, "data": rests_on})
    return f"policies@{digest.removeprefix('sha256:')[:16]}"


# ── one file ─────────────────────────────────────────────────────────────────────────────────────


def _read_pack(pack: Pack, reading: _Reading) -> None:
    source = _Source(pack)
    if pack.fault is not None:
        reading.problems.append(source.at(None, None, f"the file {pack.fault}"))
        return
    try:
        document = pack.document if pack.document is not None else read_yaml(pack.text)
    except BlueprintInvalid as error:
        for item in error.diagnostics:
            reading.problems.append(source.at(item.line, item.column, item.message, hint=item.hint))
        return
    if document is None:
        return
    if not isinstance(document, Mapping):
        hint = "write `rules:` and the rules below it as a list"
        reading.problems.append(source.at(1, 1, "the file is no mapping", hint=hint))
        return
    for key in sorted(set(document) - _KEYS):
        problem = source.fault((key,), f"unknown key '{key}'", hint=did_you_mean(str(key), _KEYS))
        reading.problems.append(problem)
    day = _day(document, source, reading)
    rules = document.get("rules") or []
    if not isinstance(rules, list):
        reading.problems.append(source.fault(("rules",), "rules is no list"))
        return
    for number, entry in enumerate(rules):
        _read_entry(entry, (source, number, day), reading)


def _day(document: Mapping[str, Any], source: _Source, reading: _Reading) -> date | None:
    said = document.get("examples_on")
    try:
        return date.fromisoformat(str(said)) if said is not None else None
    except ValueError:
        message = f"examples_on is no day: '{said}'"
        hint = "write it as 2026-01-31"
        reading.problems.append(source.fault(("examples_on",), message, hint=hint))
        return None


def _read_entry(entry: Any, place: tuple[_Source, int, date | None], reading: _Reading) -> None:
    source, number, day = place
    at: Location = ("rules", number)
    if not isinstance(entry, Mapping):
        reading.problems.append(source.fault(at, f"rule {number + 1} is no mapping"))
        return
    known = reading.rules.get(str(entry.get("id")))
    if known is not None:
        changed = _changed(known, entry, source, at)
        reading.problems.extend(item for item in changed if isinstance(item, Diagnostic))
        rules = [item for item in changed if isinstance(item, CompiledRule)]
    else:
        rules = [*_own(entry, (source, at, day), reading.problems)]
    reading.rules |= {item.rule.id: item for item in rules}


def _own(
    entry: Mapping[str, Any],
    place: tuple[_Source, Location, date | None],
    problems: list[Diagnostic],
) -> Iterator[CompiledRule]:
    """The rule of an entry; nothing, and what is wrong with it, where it can't be used."""
    source, at, day = place
    named = entry.get("id") or f"rule {int(at[1]) + 1}"
    if "pack" in entry:
        problems.append(
            source.fault((*at, "pack"), f"{named}: the file says itself what pack it is")
        )
        return
    try:
        rule = Rule.model_validate({**entry, "pack": source.name})
    except ValidationError as error:
        for fault in faults_of(error, entry, model=Rule):
            item = fault.diagnostic
            problems.append(
                source.fault(
                    (*at, *fault.location), f"{named}: {item.path}: {item.message}", hint=item.hint
                )
            )
        return
    try:
        made = compile_rule(rule, line=source.line_of(at), examples_on=day)
    except RuleFault as fault:
        problems.append(source.fault((*at, *fault.location), f"{named}: {fault}"))
        return
    problems.extend(
        source.fault((*at, *doubt.location), f"{named}: {doubt}", severity=Severity.WARNING)
        for doubt in made.doubts
    )
    yield made


def _changed(
    known: CompiledRule, entry: Mapping[str, Any], source: _Source, at: Location
) -> list[CompiledRule | Diagnostic]:
    """The known rule with another level or severity; or what is wrong with the entry."""
    named = known.rule.id
    extra = sorted(set(entry) - _CHANGES - {"id"})
    if extra or len(entry) == 1:
        key = extra[0] if extra else "id"
        hint = "an entry with a known id says level or severity, and nothing else; a new rule needs another id"
        message = f"{named} is a rule of {known.rule.pack}, and can't be defined again"
        return [source.fault((*at, key), message, hint=hint)]
    changes: dict[str, Any] = {}
    for key, choice in (("level", Level), ("severity", Gravity)):
        if key not in entry:
            continue
        try:
            changes[key] = choice(entry[key])
        except ValueError:
            allowed = ", ".join(choice)
            message = f"{named}: {key}: '{entry[key]}' is none of {allowed}"
            return [source.fault((*at, key), message)]
    return [known.changed(known.rule.model_copy(update=changes))]


@dataclass(slots=True)
class _Source:
    """Where faults are: the file, and the line of each place in it, looked for only when there is one."""

    pack: Pack
    _positions: dict[Location, Position] | None = None

    @property
    def name(self) -> str:
        return self.pack.name

    def fault(
        self,
        at: Location,
        message: str,
        *,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Diagnostic:
        """A fault at a place in the document, or at the nearest one around it that has a line."""
        line, column = self._place(at)
        return self.at(line, column, message, hint=hint, severity=severity)

    def at(
        self,
        line: int | None,
        column: int | None,
        message: str,
        *,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Diagnostic:
        """A fault at a line of the file."""
        return Diagnostic(
            severity=severity,
            code="policy_file",
            path=self.name,
            message=message,
            hint=hint,
            line=line,
            column=column,
        )

    def line_of(self, at: Location) -> int | None:
        """The line of a place, where that costs nothing: a document that was read before has no lines at hand."""
        return self._place(at)[0] if self.pack.document is None or self._positions else None

    def _place(self, at: Location) -> tuple[int | None, int | None]:
        if self._positions is None:
            self._positions = {}
            read_yaml(self.pack.text, positions=self._positions)
        while at and at not in self._positions:
            at = at[:-1]
        return self._positions.get(at, (1, 1))
