"""Finds what was done to an audit log behind ALMA's back. Pure: it is handed entries one by one, and keys by id."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from pydantic import Field

from alma.core.model.audit import END_CHANGED, GENESIS, AuditEntry, AuditHead, hash_of
from alma.core.model.base import Frozen

MOST_FAULTS = 100
"""So many faults are told one by one; beyond that they are counted."""


class FaultKind(StrEnum):
    """What was found."""

    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"
    INSERTED = "inserted"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    HEAD = "head"
    UNREADABLE = "unreadable"


class AuditFault(Frozen):
    """One place where the chain does not hold."""

    kind: FaultKind
    seq: int = Field(description="The entry, or the first of several.")
    message: str


class KnownHead(Frozen):
    """An end of the chain that somebody noted elsewhere."""

    seq: int = Field(ge=0)
    hash: str


class AuditReport(Frozen):
    """What a check of the whole chain found."""

    intact: bool
    entries: int
    kept_from: int = Field(
        description="The oldest entry: what was before was taken away by retention."
    )
    head: KnownHead
    compared: tuple[KnownHead, ...] = Field(description="Heads noted elsewhere that were there.")
    pruned: tuple[KnownHead, ...] = Field(
        description="Heads noted elsewhere that are older than the oldest entry: they say nothing."
    )
    faults: tuple[AuditFault, ...]
    more_faults: int = 0


Keys = Callable[[str], bytes | None]
"""The key of an id, None for one that is not at hand."""


def check(
    entries: Iterable[AuditEntry | int],
    head: AuditHead,
    *,
    keys: Keys,
    known: Iterable[KnownHead] = (),
) -> AuditReport:
    """Checks a chain from its first entry to its head. `entries` in the order of their numbers; a number stands for a
    row that is no entry any more. `known`: heads that were noted elsewhere, without which an end that was cut off by
    somebody who put back an older head does not show."""
    walk = _Walk(head, keys, tuple(known))
    for entry in entries:
        walk.take(entry)
    return walk.report()


class _Walk:
    """One pass over the entries."""

    def __init__(self, head: AuditHead, keys: Keys, known: tuple[KnownHead, ...]) -> None:
        self._head, self._keys, self._known = head, keys, known
        self._noted: dict[int, set[str]] = defaultdict(set)
        for item in known:
            self._noted[item.seq].add(item.hash)
        self._expected, self._previous = head.kept_from, head.kept_hash
        self._count = self._more = 0
        self._faults: list[AuditFault] = []
        self._broken: list[AuditEntry] = []
        self._bad = 0
        self._seen: set[int] = set()
        self._check_head()

    def take(self, entry: AuditEntry | int) -> None:
        """The next row."""
        seq = entry if isinstance(entry, int) else entry.seq
        self._count += 1
        if not self._expected <= seq <= self._head.seq:
            side = "behind the end" if seq > self._head.seq else "before the beginning"
            self._fault(FaultKind.INSERTED, seq, f"entry {seq} stands {side} of the chain")
            return
        if seq > self._expected:
            self._missing(self._expected, seq - 1)
        self._expected = seq + 1
        if isinstance(entry, int):
            self._fault(FaultKind.CHANGED, seq, f"entry {seq} can't be read as one")
            self._bad, self._previous = seq, GENESIS
            return
        self._compare(entry)
        self._check(entry)
        self._previous = entry.hash

    def _compare(self, entry: AuditEntry) -> None:
        """With the heads that were noted elsewhere."""
        noted = self._noted.get(entry.seq)
        if noted is None:
            return
        self._seen.add(entry.seq)
        if noted != {entry.hash}:
            message = f"entry {entry.seq} is another one than the head that was noted elsewhere"
            self._fault(FaultKind.REWRITTEN, entry.seq, message)

    def _check(self, entry: AuditEntry) -> None:
        seq, key = entry.seq, self._keys(entry.key)
        if key is None:
            message = f"entry {seq} is bound with key {entry.key}, which is not at hand"
            self._fault(FaultKind.UNREADABLE, seq, message)
        elif not hmac.compare_digest(hash_of(entry, key), entry.hash):
            self._break(entry)
        elif entry.previous != self._previous and self._bad != seq - 1:
            self._fault(FaultKind.MOVED, seq, f"entry {seq} is not bound to the one before it")
        elif entry.action == END_CHANGED:
            message = (
                f"at entry {seq} ALMA found that the record of the chain's end had been changed"
            )
            self._fault(FaultKind.HEAD, seq, message)

    def _break(self, entry: AuditEntry) -> None:
        """Notes an entry whose hash does not hold. What it was before can only be said at the end."""
        self._bad = entry.seq
        if len(self._broken) < MOST_FAULTS:
            self._broken.append(entry)
        else:
            self._more += 1

    def _missing(self, first: int, last: int) -> None:
        what = f"entry {first} is" if first == last else f"entries {first} to {last} are"
        self._fault(FaultKind.REMOVED, first, f"{what} gone")
        self._bad = last

    def _check_head(self) -> None:
        head = self._head
        if head.key is None and head.seq == 0:
            return
        key = self._keys(head.key or "")
        if key is None or not head.holds(key):
            self._fault(FaultKind.HEAD, head.seq, "the record of the chain's end was changed")

    def _check_end(self) -> None:
        head, last = self._head, self._expected - 1
        if last < head.seq:
            message = f"the chain ends at entry {last} and should end at {head.seq}"
            self._fault(FaultKind.TRUNCATED, last + 1, message)
        elif self._previous != head.hash:
            message = f"entry {head.seq} is another one than the chain's end"
            self._fault(FaultKind.HEAD, head.seq, message)
        for known in self._known:
            if known.seq > head.seq:
                message = f"entry {known.seq} was noted elsewhere, and the chain ends at {head.seq}"
                self._fault(FaultKind.TRUNCATED, head.seq + 1, message)

    def _told(self) -> Iterator[AuditFault]:
        """The entries whose hash does not hold: moved where it holds at another one's number, changed otherwise."""
        seqs = [entry.seq for entry in self._broken]
        for entry in self._broken:
            place = next((seq for seq in seqs if self._holds_at(entry, seq)), None)
            if place is None:
                message = f"entry {entry.seq} was changed, or made by somebody without the key"
                yield AuditFault(kind=FaultKind.CHANGED, seq=entry.seq, message=message)
            else:
                message = f"entry {place} stands where entry {entry.seq} was"
                yield AuditFault(kind=FaultKind.MOVED, seq=entry.seq, message=message)

    def _holds_at(self, entry: AuditEntry, seq: int) -> bool:
        key = self._keys(entry.key)
        there = entry.model_copy(update={"seq": seq})
        return key is not None and hmac.compare_digest(hash_of(there, key), entry.hash)

    def _fault(self, kind: FaultKind, seq: int, message: str) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(AuditFault(kind=kind, seq=seq, message=message))
        else:
            self._more += 1

    def report(self) -> AuditReport:
        """What was found."""
        self._check_end()
        faults = sorted([*self._faults, *self._told()], key=lambda fault: fault.seq)
        return AuditReport(
            intact=not faults,
            entries=self._count,
            kept_from=self._head.kept_from,
            head=KnownHead(seq=self._head.seq, hash=self._head.hash),
            compared=tuple(item for item in self._known if item.seq in self._seen),
            pruned=tuple(item for item in self._known if item.seq < self._head.kept_from),
            faults=tuple(faults[:MOST_FAULTS]),
            more_faults=self._more + max(0, len(faults) - MOST_FAULTS),
        )
