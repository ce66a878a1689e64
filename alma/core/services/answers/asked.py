"""What a question is answered from, and what an answer consists of: the nouns that every family of questions shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Origin, Resource, Revision
from alma.core.model.conversation import Edit, Interpretation
from alma.core.model.principal import Principal
from alma.core.model.sizing import Load, Sizing
from alma.core.model.software import Catalogue
from alma.core.ports import Engines, Transaction
from alma.core.services.compliance import Compliance
from alma.core.services.diagnosing import Diagnosing
from alma.core.services.estimates import Estimates
from alma.core.services.plans import Plans
from alma.core.services.templates import Templates


@dataclass(frozen=True)
class Told:
    """An answer. `data` has the figures and names behind it, ready for JSON; `suggestions` are phrases that can be
    said next and are understood. `offer` are edits that the text offers to make if the next message agrees."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    offer: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Sources:
    """What answers are computed from besides the database."""

    templates: Templates
    plans: Plans
    engines: Engines
    catalogue: Catalogue
    interpreter: Interpreter
    estimates: Estimates
    compliance: Compliance
    diagnosing: Diagnosing
    size_for: Callable[[Load], Sizing]


@dataclass(frozen=True)
class Asked:
    """One question within one transaction. `blueprint` is the draft after the message's edits, `revision` the draft as
    it is saved, `engine` where it would land now. `cost_told`: what the draft costs is said already."""

    transaction: Transaction
    principal: Principal
    interpretation: Interpretation
    message: str
    now: datetime
    blueprint: Blueprint | None = None
    revision: Revision | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    engine: str | None = None
    cost_told: bool = False

    @property
    def project(self) -> str:
        """Whose things may be looked at."""
        return self.principal.project

    @property
    def draft(self) -> Blueprint | None:
        """The draft, if there is anything in it."""
        return self.blueprint if self.blueprint is not None and self.blueprint.resources else None

    @property
    def subject(self) -> Resource | None:
        """The resource of the draft that is asked about."""
        name = self.interpretation.subject
        return self.blueprint.resource(name) if self.blueprint and name else None
