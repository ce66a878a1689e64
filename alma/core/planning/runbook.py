"""A rollout as Markdown, short enough to be read: what is alike is told once, with everybody it is so for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from alma.core.model.rollout import PreCheck, Rollout, RolloutStep, Stage, TimeEstimate

_MARKS = {"pass": "✓", "warn": "!", "fail": "✗", "unknown": "?"}
_NAMES = 8
_MOST_LINES = 200


def runbook(
    name: str, whole: Rollout, *, stages: Sequence[Stage] = (), notes: Sequence[str] = ()
) -> str:
    """The text. With stages, each is a chapter of its own; without, the rollout is."""
    lines = [f"# Deployment of {_plain(name)} on {whole.engine}", ""]
    lines += [f"- {_plain(note)}" for note in notes]
    if notes:
        lines.append("")
    if stages:
        for stage in stages:
            lines += _stage(stage)
    else:
        lines += [f"Plan `{whole.digest}`.", "", *_body(whole)]
    return "\n".join(lines).rstrip() + "\n"


def seconds(amount: float) -> str:
    """`45 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = round(amount)
    if whole < 60:
        return f"{amount:.1f} s" if 0 < amount < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def lasting(time: TimeEstimate) -> str:
    """An estimate in words, with what it rests on."""
    if not time.p90 and not time.samples:
        return "takes no time"
    basis = {
        "learned": f"from {time.samples} past steps",
        "assumed": "assumed: nothing of the kind was deployed yet",
        "mixed": f"from {time.samples} past steps and assumptions",
    }[time.basis]
    return f"about {seconds(time.median)}, {seconds(time.p90)} if all is slow ({basis})"


def _stage(stage: Stage) -> Iterator[str]:
    yield f"## Stage {stage.number}: {stage.title}"
    yield ""
    yield f"- What: {_plain(stage.purpose)}"
    yield f"- Approve: {stage.approve_when}"
    yield f"- To go back: {stage.go_back}"
    yield ""
    yield from _body(stage.rollout, level="###")


def _body(whole: Rollout, *, level: str = "##") -> Iterator[str]:
    yield f"Strategy {whole.strategy}; {lasting(whole.duration)}; at most {whole.parallel} at once."
    yield ""
    if whole.pre_checks:
        yield f"{level} Before"
        yield ""
        yield from map(_check, whole.pre_checks)
        yield ""
    yield f"{level} Steps"
    yield ""
    yield from _limited([*_steps(whole)])
    yield ""
    yield f"{level} After"
    yield ""
    yield from (f"- {_plain(check)}" for check in whole.post_checks)
    yield ""
    yield f"{level} Going back"
    yield ""
    yield f"Trigger: {whole.rollback.trigger}."
    yield ""
    yield from _limited([*_backwards(whole)])
    yield ""


def _check(check: PreCheck) -> str:
    return f"- [{_MARKS[check.standing]}] {check.name}: {_plain(check.detail)}"


def _steps(whole: Rollout) -> Iterator[str]:
    if not whole.steps:
        yield "Nothing to do."
    for wave, steps in groupby(whole.steps, key=lambda step: step.wave):
        yield f"**Wave {wave}**"
        for alike in _alike(list(steps)):
            yield from _step(alike)


def _alike(steps: Sequence[RolloutStep]) -> list[list[RolloutStep]]:
    """Those of which only the address differs, together."""
    groups: dict[tuple[object, ...], list[RolloutStep]] = {}
    for step in steps:
        key = (step.type, step.action, step.reason, step.fields, step.reboots, step.post_checks[1:])
        groups.setdefault(key, []).append(step)
    return list(groups.values())


def _step(alike: Sequence[RolloutStep]) -> Iterator[str]:
    first = alike[0]
    names = _names([step.address for step in alike])
    marks = "".join(
        f" **{word}**"
        for word, true in (("DESTRUCTIVE", first.destructive), ("restarts", first.reboots))
        if true
    )
    time = lasting(first.duration)
    yield f"- [ ] {first.action} {first.type} {names}{marks}: {_plain(first.reason)}; {time}"
    down = sorted({name for step in alike for name in step.takes_down})
    if down:
        yield f"  - without it meanwhile: {_names(down)}"
    for note in dict.fromkeys(note for step in alike for note in step.not_exact):
        yield f"  - not exact: {_plain(note)}"
    for check in first.post_checks[1:]:
        yield f"  - then: {_plain(check)}"


def _backwards(whole: Rollout) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for step in whole.rollback.steps:
        groups.setdefault(step.does, []).append(step.address)
    for does, addresses in groups.items():
        yield f"- {_names(addresses)}: {_plain(does)}"
    if whole.rollback.not_restored:
        yield f"- **Not what it was afterwards: {_names(whole.rollback.not_restored)}**"


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(f"`{name}`" for name in names[:_NAMES]) + more


def _limited(lines: list[str]) -> list[str]:
    left = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], f"- … and {left} lines more"] if left > 0 else lines


def _plain(text: str) -> str:
    """On one line, and with nothing that Markdown would take for markup of its own."""
    return " ".join(text.split()).replace("<", "&lt;").replace("`", "'")
