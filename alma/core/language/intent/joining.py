"""Which clauses are one act: a sentence without a wish of its own continues the request before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.intent.act import Act
from alma.core.language.intent.clausing import CREATING
from alma.core.language.parsing.schedules import DAYS
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.conversation import Intent

_NUMBER_AND_UNIT = 2
_AROUND = frozenset("it them for of to the last at least please about worth keep , . ; !".split())


def join(acts: list[Act], act: Act) -> None:
    """Adds an act to those before it, or to the last of them."""
    if acts and acts[-1].edits and acts[-1].body and _continues(act, acts[-1]):
        acts[-1] = replace(acts[-1], body=_joined(acts[-1].body, act.body))
    elif acts and _leaves_out(act, acts[-1]):
        no = Token("no", "no", act.body[0].start, act.body[0].start, Kind.WORD)
        acts[-1] = replace(acts[-1], body=_joined(acts[-1].body, (no, *act.body)))
    else:
        acts.append(act)


def without_empty(acts: Sequence[Act]) -> list[Act]:
    """`create and deploy a VM` is one order: a verb with nothing after it gives way to the next."""
    return [
        act for index, act in enumerate(acts)
        if act.body or act.verb not in {"create", "add", "set"} or index + 1 == len(acts)
    ]  # fmt: skip


def _joined(before: tuple[Token, ...], body: tuple[Token, ...]) -> tuple[Token, ...]:
    """Two sentences of one request: what the second says begins anew."""
    end = before[-1].end
    return (*before, Token(";", ";", end, end, Kind.PUNCTUATION), *body)


def _leaves_out(act: Act, before: Act) -> bool:
    """`… two VMs, don't add a load balancer`: what a request for something new is to be without."""
    creating = act.forbidden and act.verb in CREATING | {"use", "set"} and bool(act.body)
    return creating and before.edits and bool(before.body) and before.verb in {*CREATING, None}


def _lasts(body: Sequence[Token]) -> bool:
    """`…, we need 30 days`: nothing but for how long."""
    said = [token for token in body if token.norm not in _AROUND]
    timed = len(said) == _NUMBER_AND_UNIT and said[0].kind is Kind.NUMBER
    return timed and said[1].text.casefold() in DAYS


def _continues(act: Act, before: Act) -> bool:
    if before.verb in {"remove", "destroy", "rename"}:
        return False  # nothing goes that was not named with the order
    if act.verb == "create" and before.verb != "create" and _lasts(act.body):
        return True
    if act.verb == "set" and act.word in {"use", "using"}:  # "Create a VM. Use Debian 12."
        return before.verb in CREATING
    described = act.describes and before.verb in {*CREATING, None}
    return (
        act.verb is None
        and act.intent is Intent.UNKNOWN
        and (described or not (act.asks or act.statement))
    )
