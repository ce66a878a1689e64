"""Which language models a project asks, and what it has spent on them: to look at, not to change."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from alma.core.model.access import Permission
from alma.core.model.base import Frozen
from alma.core.model.model_chain import ModelChain
from alma.core.model.principal import Principal
from alma.core.ports import Clock, UsageLedger


class ModelsInUse(Frozen):
    """A project's language models, and what its month has cost so far."""

    project: str
    chain: ModelChain | None = Field(description="Null: no model is asked; ALMA reads by itself.")
    month: str = Field(description="The calendar month (UTC) that the budget is for.")
    spent: float = Field(description="US dollars of this month, of answers whose price is known.")


class LanguageModels:
    """`chain_of` says which models a project asks; None is none."""

    def __init__(
        self,
        chain_of: Callable[[str], ModelChain | None],
        *,
        ledger: UsageLedger,
        clock: Clock,
    ) -> None:
        self._chain_of = chain_of
        self._ledger = ledger
        self._clock = clock

    def show(self, principal: Principal) -> ModelsInUse:
        """The models of the caller's project. Who may converse may know who reads what they say. Raises Forbidden."""
        principal.require(Permission.CONVERSATION)
        month = f"{self._clock.now():%Y-%m}"
        return ModelsInUse(
            project=principal.project,
            chain=self._chain_of(principal.project),
            month=month,
            spent=self._ledger.spent(principal.project, month),
        )
