"""Files of signatures: read, checked, put together. An entry with a fault is named with its file and line; the others
run.

Patterns are RE2's: a search takes time linear in the text, whatever the pattern and whoever wrote the text, so neither
a user's pattern nor a hostile log can hold the process up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import re2
from pydantic import ValidationError

from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.faults import faults_of
from alma.core.model.plain import Location, Position
from alma.core.model.signature import Signature
from alma.core.model.suggest import did_you_mean
from alma.core.model.yaml_reader import read_yaml

HOLE = re.compile(r"\{(?P<name>\w+)(?:\|(?P<otherwise>[^{}]*))?\}")
_LONGEST_PATTERN = 500
_MOST = 2_000
_MEMORY = 1 << 20  # bytes that one compiled pattern may take


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """One file. `document` is what it says, where that was read before; `fault` why there is no text."""

    name: str
    text: str
    document: Any = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A signature that can be looked for. `patterns` and `unless` are asked of UTF-8."""

    signature: Signature
    patterns: tuple[Any, ...] = ()
    unless: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureBook:
    """All signatures, in the order of the files, and what is wrong with the files."""

    signatures: tuple[Compiled, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


class PatternFault(ValueError):
    """Why a pattern can't be used; `location` is where, inside the signature."""

    def __init__(self, message: str, *location: str | int) -> None:
        super().__init__(message)
        self.location: Location = location


def read_signatures(sources: Iterable[SignatureFile]) -> SignatureBook:
    """The signatures of all files, later ones in place of earlier ones with the same id. Never raises for what a file
    says: that is in `problems`."""
    found: dict[str, Compiled] = {}
    problems: list[Diagnostic] = []
    for source in sources:
        reading = _Reading(source)
        for entry in reading.entries():
            if isinstance(entry, Compiled):
                found[entry.signature.id] = entry
            else:
                found.pop(entry, None)
        problems.extend(reading.problems)
    return SignatureBook(tuple(found.values()), tuple(problems))


@dataclass(slots=True)
class _Reading:
    """One file while it is read."""

    source: SignatureFile
    problems: list[Diagnostic] = field(default_factory=list)
    _positions: dict[Location, Position] | None = None

    def entries(self) -> Iterator[Compiled | str]:
        """Each signature, or the id of one that is switched off."""
        for number, entry in enumerate(self._listed()):
            at: Location = ("signatures", number)
            if not isinstance(entry, Mapping):
                self._fault(at, f"signature {number + 1} is no mapping")
            elif entry.get("off") is True and set(entry) == {"id", "off"}:
                yield str(entry["id"])
            else:
                yield from self._compiled(entry, at)

    def _listed(self) -> list[Any]:
        if self.source.fault is not None:
            self._at(None, f"the file {self.source.fault}")
            return []
        try:
            document = self.source.document
            document = read_yaml(self.source.text) if document is None else document
        except BlueprintInvalid as error:
            for item in error.diagnostics:
                self._at(item.line, item.message, item.hint)
            return []
        if document is None:
            return []
        listed = document.get("signatures") if isinstance(document, Mapping) else None
        if not isinstance(listed, list) or set(document) != {"signatures"}:
            hint = "write `signatures:` and below it a list, and nothing else"
            self._at(1, "the file is no list of signatures", hint)
        found = listed if isinstance(listed, list) else []
        if len(found) > _MOST:
            self._fault(
                ("signatures", _MOST), f"more than {_MOST} signatures: the rest is left out"
            )
        return found[:_MOST]

    def _compiled(self, entry: Mapping[str, Any], at: Location) -> Iterator[Compiled]:
        named = entry.get("id") or f"signature {int(at[1]) + 1}"
        try:
            yield compiled(Signature.model_validate(entry))
        except ValidationError as error:
            for fault in faults_of(error, entry, model=Signature):
                item = fault.diagnostic
                where = f"{item.path}: " if item.path else ""
                message = f"{named}: {where}{item.message}"
                self._fault((*at, *fault.location), message, item.hint)
        except PatternFault as fault:
            self._fault((*at, *fault.location), f"{named}: {fault}")

    def _fault(self, at: Location, message: str, hint: str | None = None) -> None:
        if self._positions is None:
            self._positions = {}
            read_yaml(self.source.text, positions=self._positions)
        while at and at not in self._positions:
            at = at[:-1]
        self._at(self._positions.get(at, (1, 1))[0], message, hint)

    def _at(self, line: int | None, message: str, hint: str | None = None) -> None:
        found = Diagnostic(
            code="signature_file", path=self.source.name, message=message, hint=hint, line=line
        )
        self.problems.append(found)


def compiled(signature: Signature) -> Compiled:
    """The signature, ready. Raises PatternFault for a pattern or a hole that can't be used."""
    patterns = _patterns(signature, "patterns")
    groups = {name.decode() for pattern in patterns for name in pattern.groupindex}
    for key, texts in _shown(signature).items():
        for hole in (hole for text in texts for hole in HOLE.finditer(text)):
            if hole["name"] not in groups:
                hint = did_you_mean(hole["name"], groups)
                more = f" ({hint})" if hint else ""
                raise PatternFault(f"no pattern names {{{hole['name']}}}{more}", key)
    return Compiled(signature, patterns, _patterns(signature, "unless"))


def _shown(signature: Signature) -> Mapping[str, tuple[str, ...]]:
    return {"means": (signature.means,)}


def _patterns(signature: Signature, key: str) -> tuple[Any, ...]:
    return tuple(
        _pattern(text, (key, number)) for number, text in enumerate(getattr(signature, key))
    )


def _pattern(text: str, at: Location) -> Any:
    if len(text) > _LONGEST_PATTERN:
        raise PatternFault(f"a pattern has at most {_LONGEST_PATTERN} characters", *at)
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    options.never_nl = (
        True  # nothing reaches over the end of a line, and ^ and $ are those of lines
    )
    try:
        made = re2.compile(f"(?m){text}".encode(), options)
    except re2.error as error:
        words = error.args[0] if error.args else "unknown"
        told = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        raise PatternFault(f"the pattern can't be used: {told}", *at) from None
    if made.search(b"") is not None:
        raise PatternFault("the pattern is found in every text, also in none", *at)
    return made
