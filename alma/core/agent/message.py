"""A message on its way through a language model: what is known around it, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from alma.core.language.followups.consent import agrees
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Constraints, Origin
from alma.core.model.conversation import Edit, Intent, Interpretation
from alma.core.model.dialogue import Usage
from alma.core.model.principal import Principal

_QUESTION = re.compile(r"[^.!?\n]*\?$")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier turn: what the person said, what was answered, and as what it was read."""

    said: str
    answered: str = ""
    intent: Intent = Intent.UNKNOWN


@dataclass(frozen=True, slots=True)
class Message:
    """One message with what is known around it. `offline` is how it was read without a model; `state` is what runs, as
    plain facts; `earlier` are the turns before, oldest first."""

    text: str
    offline: Interpretation
    principal: Principal
    blueprint: Blueprint | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    constraints: Constraints | None = None
    earlier: tuple[Exchange, ...] = ()
    state: Mapping[str, Json] = field(default_factory=dict)

    @property
    def agreed_to(self) -> str | None:
        """The question of the last answer, if this is a plain yes to it: it is then what the person wants."""
        if not self.earlier or not agrees(self.text):
            return None
        found = _QUESTION.search(self.earlier[-1].answered.strip())
        return found.group().strip() if found else None


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a message.

    `response` are the model's words, None where ALMA describes the outcome itself: nobody answered, or the words may
    claim what was not done. `offer` is what the model proposed beyond what was asked for: done only if the person
    agrees. `opinions` are the sentences of `response` that no figure or fact of this turn supports; they are marked in
    it. `fallback` says why the offline reading stands alone, None if a model was heard. `consulted` are the tools used.
    """

    interpretation: Interpretation
    response: str | None = None
    offer: tuple[Edit, ...] = ()
    opinions: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    fallback: str | None = None
