"""A transaction as far as a person may look into it: what answers questions reads whatever a message asks about, and
must not tell more than the same person could have looked up."""

from __future__ import annotations

from typing import cast

from alma.core.model.access import Permission
from alma.core.model.principal import Principal
from alma.core.ports import Transaction

_READS: dict[str, Permission] = {
    "blueprints": Permission.BLUEPRINT_READ,
    "stacks": Permission.STACK_READ,
    "iprs": Permission.IPR_READ,
    "deployments": Permission.DEPLOYMENT_READ,
    "conversations": Permission.CONVERSATION,
    "engine_connections": Permission.ENGINE_READ,
    "waivers": Permission.POLICY_READ,
    # What masks secrets in what is told has to know them, and tells none.
    "secrets": Permission.DEPLOYMENT_READ,
}


class _Permitted:
    """Repositories by name, each behind its permission. What is not in the table is not there: deny by default."""

    def __init__(self, transaction: Transaction, principal: Principal) -> None:
        self._transaction = transaction
        self._principal = principal

    def __getattr__(self, name: str) -> object:
        if name not in _READS:
            raise AttributeError(f"answers don't read '{name}'")
        self._principal.require(_READS[name])
        return getattr(self._transaction, name)


def permitted(transaction: Transaction, principal: Principal) -> Transaction:
    """The transaction, where reading what the caller may not see raises Forbidden."""
    return cast("Transaction", _Permitted(transaction, principal))
