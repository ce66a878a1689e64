"""One clause of a message, and what is wanted with it."""

from __future__ import annotations

from dataclasses import dataclass

from alma.core.language.words.tokens import Token
from alma.core.model.conversation import Intent

OF_VERB = {
    "create": Intent.CREATE, "deploy": Intent.DEPLOY, "add": Intent.CHANGE, "remove": Intent.CHANGE,
    "destroy": Intent.DESTROY,
    "disable": Intent.CHANGE, "rename": Intent.CHANGE, "scale": Intent.CHANGE, "increase": Intent.CHANGE,
    "decrease": Intent.CHANGE, "set": Intent.CHANGE, "migrate": Intent.MIGRATE, "rollback": Intent.ROLLBACK,
    "undo": Intent.UNDO, "approve": Intent.APPROVE, "reject": Intent.REJECT, "show": Intent.STATUS, "list": Intent.LIST,
    "explain": Intent.EXPLAIN, "compare": Intent.COMPARE, "audit": Intent.AUDIT, "forecast": Intent.FORECAST,
    "troubleshoot": Intent.TROUBLESHOOT, "suggest": Intent.SUGGEST, "help": Intent.HELP, "optimize": Intent.COST,
    "operate": Intent.UNKNOWN, "keep": Intent.CHANGE, "connect": Intent.CHANGE, "close": Intent.CHANGE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One clause: `verb` is the group of its verb (None: a bare phrase), `body` what follows the verb. `asks` marks a
    question, `forbidden` an order not to, `statement` how things are; one that `describes` may speak of what was just
    asked for ("Two networks. The first one is …")."""

    intent: Intent
    verb: str | None
    body: tuple[Token, ...]
    word: str = ""
    asks: bool = False
    forbidden: bool = False
    statement: bool = False
    describes: bool = False

    @property
    def edits(self) -> bool:
        """Whether the clause may change the blueprint."""
        changing = self.intent in {
            Intent.CREATE,
            Intent.CHANGE,
            Intent.DEPLOY,
            Intent.MIGRATE,
            Intent.DESTROY,
        }
        return (changing or self.verb is None) and not (
            self.asks or self.forbidden or self.statement
        )
