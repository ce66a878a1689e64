"""How data gets to the new place, how long that takes, and for how long nothing can be written meanwhile.

Every step is arithmetic that is shown. A copy of B bytes over a line of L bit/s, of which a share e is used, takes
T = 8·B / (L·e). While it runs, a share q = c·T/86,400 of the data changes, c being what changes in a day. So the second
copy takes T·q and the third T·q²: two are made while everything runs, the third while it stands still. That helps where
q < 1; else data changes faster than it is copied, and a replica would never catch up either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from alma.core.migration.amounts import DAY, told_bits, told_bytes, told_seconds
from alma.core.model.base import Frozen
from alma.core.model.cost import Amount

_SECOND = Decimal("0.001")


class Method(StrEnum):
    """How the data of a resource moves."""

    OFFLINE = "offline_copy"
    COPY_ON = "copy_while_running"
    REPLICATION = "replication"


@dataclass(frozen=True)
class Held:
    """What a resource holds. `known` says in words where the amount is from; None: nobody knows how much it is."""

    name: str
    bytes: int | None
    known: str
    replicates: bool = False


@dataclass(frozen=True)
class Pace:
    """What a move is reckoned with: bits a second, the share that is used, the share that changes in a day, seconds."""

    bits: Decimal
    efficiency: Decimal
    change_per_day: Decimal
    restart: Decimal
    switch: Decimal
    promote: Decimal

    def copy(self, amount: int) -> Decimal:
        """Seconds to copy so many bytes once."""
        return Decimal(8 * amount) / (self.bits * self.efficiency)


class Move(Frozen):
    """How one resource's data moves. Times are seconds; `still` is how long it can't be written to."""

    resource: str
    bytes: int | None
    method: Method | None
    copy_seconds: Amount | None
    still_seconds: Amount | None
    working: tuple[str, ...]


class Transfer(Frozen):
    """Everything that is copied, one after the other over one line."""

    bytes: int
    bandwidth: str
    efficiency: Amount
    seconds: Amount
    working: tuple[str, ...]
    unknown: tuple[str, ...] = ()


class Downtime(Frozen):
    """How long the whole stands still; at least, where `Transfer.unknown` names something. `met` is None where nobody
    said how long it may, and where it is not known."""

    seconds: Amount
    tolerance_seconds: Amount | None
    met: bool | None
    working: tuple[str, ...]


def moved(
    held: Sequence[Held], pace: Pace, tolerance: Decimal | None
) -> tuple[tuple[Move, ...], Transfer, Downtime]:
    """How each moves: copied while everything stands still where that is tolerated, for it is the simplest; else the
    biggest first while it runs. Where nobody says what is tolerated, all is copied while it stands still."""
    known = [item for item in held if item.bytes is not None]
    online: set[str] = set()
    for item in sorted(known, key=lambda one: (-(one.bytes or 0), one.name)):
        if tolerance is None or _standstill(known, online, pace)[0] <= tolerance:
            break
        if _can_run_on(item, pace):
            online.add(item.name)
    moves = tuple(_move(item, pace, online=item.name in online) for item in held)
    return moves, _transfer(held, pace), _downtime(held, online, pace, tolerance)


# ── one resource ─────────────────────────────────────────────────────────────────────────────────


def _ratio(item: Held, pace: Pace) -> Decimal:
    """The share that changes while it is copied once."""
    return pace.change_per_day * pace.copy(item.bytes or 0) / DAY


def _can_run_on(item: Held, pace: Pace) -> bool:
    return _ratio(item, pace) < 1


def _still(item: Held, pace: Pace, *, online: bool) -> tuple[Decimal, Decimal]:
    """Seconds of copying, and of starting, while it stands still."""
    if not online:
        return pace.copy(item.bytes or 0), pace.restart
    if item.replicates:
        return Decimal(0), pace.promote
    return pace.copy(item.bytes or 0) * _ratio(item, pace) ** 2, pace.restart


def _move(item: Held, pace: Pace, *, online: bool) -> Move:
    if item.bytes is None:
        message = (
            f"{item.name}: {item.known}, so neither the copy nor the standstill can be reckoned"
        )
        return Move(
            resource=item.name,
            bytes=None,
            method=None,
            copy_seconds=None,
            still_seconds=None,
            working=(message,),
        )
    copying, starting = _still(item, pace, online=online)
    method = Method.OFFLINE
    if online:
        method = Method.REPLICATION if item.replicates else Method.COPY_ON
    return Move(
        resource=item.name,
        bytes=item.bytes,
        method=method,
        copy_seconds=_exact(pace.copy(item.bytes)),
        still_seconds=_exact(copying + starting),
        working=_working(item, pace, method),
    )


def _working(item: Held, pace: Pace, method: Method) -> tuple[str, ...]:
    lines = [f"{_copied(item, pace)}"]
    copying = _still(item, pace, online=method is not Method.OFFLINE)[0]
    still = f"{told_seconds(copying)} + {told_seconds(pace.restart)}"
    if method is Method.OFFLINE:
        lines.append(f"stands still for the copy and a start: {still}")
    elif method is Method.REPLICATION:
        told = told_seconds(pace.promote)
        lines.append(
            f"a replica follows while it runs; it stands still while that takes over: {told}"
        )
    else:
        share = f"{pace.change_per_day * 100:.3g} % change in a day"
        lines.append(
            f"{share}, so each further copy takes {_ratio(item, pace):.5f} of the one before; it stands still for the "
            f"third and a start: {still}"
        )
    return tuple(lines)


def _copied(item: Held, pace: Pace) -> str:
    amount = item.bytes or 0
    return (
        f"{item.name}: 8 × {told_bytes(amount)} ({item.known}) ÷ ({told_bits(pace.bits)} × {pace.efficiency}) = "
        f"{told_seconds(pace.copy(amount))}"
    )


# ── all of them ──────────────────────────────────────────────────────────────────────────────────


def _standstill(
    known: Sequence[Held], online: set[str], pace: Pace
) -> tuple[Decimal, Decimal, Decimal]:
    """Seconds in all; of copying, one after the other; of starting, side by side."""
    if not known:
        return Decimal(0), Decimal(0), Decimal(0)
    parts = [_still(item, pace, online=item.name in online) for item in known]
    copying = sum((part[0] for part in parts), Decimal(0))
    starting = max(part[1] for part in parts)
    return copying + starting + pace.switch, copying, starting


def _transfer(held: Sequence[Held], pace: Pace) -> Transfer:
    total = sum(item.bytes or 0 for item in held)
    lines = [_copied(item, pace) for item in held if item.bytes is not None]
    if len(lines) > 1:
        lines.append(f"one after the other: {told_seconds(pace.copy(total))}")
    return Transfer(
        bytes=total,
        bandwidth=told_bits(pace.bits),
        efficiency=pace.efficiency,
        seconds=_exact(pace.copy(total)),
        working=tuple(lines),
        unknown=tuple(item.name for item in held if item.bytes is None),
    )


def _downtime(
    held: Sequence[Held], online: set[str], pace: Pace, tolerance: Decimal | None
) -> Downtime:
    known = [item for item in held if item.bytes is not None]
    total, copying, starting = _standstill(known, online, pace)
    if held and not known:
        total = pace.switch
    unknown = [item.name for item in held if item.bytes is None]
    lines = list(_downtime_lines(held, (total, copying, starting), pace))
    if unknown:
        lines.append(f"at least, for how much they hold is not known: {', '.join(unknown)}")
    met = None if tolerance is None else total <= tolerance
    if met and unknown:
        met = None
    if tolerance is not None:
        sign = "≤" if total <= tolerance else ">"
        lines.append(f"{told_seconds(total)} {sign} {told_seconds(tolerance)} that are tolerated")
    if met is False:
        lines.append(_what_else(known, online, pace))
    return Downtime(
        seconds=_exact(total),
        tolerance_seconds=tolerance,
        met=met,
        working=tuple(lines),
    )


def _downtime_lines(
    held: Sequence[Held], parts: tuple[Decimal, Decimal, Decimal], pace: Pace
) -> Sequence[str]:
    if not held:
        return ("nothing holds data: both places run side by side while the traffic moves",)
    total, copying, starting = parts
    switching = told_seconds(pace.switch)
    told = f"copying {told_seconds(copying)} + starting {told_seconds(starting)} + switching {switching}"
    return (f"{told} = {told_seconds(total)}",)


def _what_else(known: Sequence[Held], online: set[str], pace: Pace) -> str:
    stuck = [item.name for item in known if not _can_run_on(item, pace)]
    if stuck:
        return f"{', '.join(stuck)}: data changes faster than this line copies it; only a wider line helps"
    if len(online) == len(known):
        return (
            "this is the shortest that one writable place allows; less takes an application that writes to both "
            "places, or a store with several primaries"
        )
    return "copying while it runs would not be shorter for the rest"


def _exact(seconds: Decimal) -> Decimal:
    return seconds.quantize(_SECOND)
