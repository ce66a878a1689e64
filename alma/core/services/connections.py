"""How a project reaches its engines: saved, shown and removed. What is secret is never shown again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alma.core.model.access import Permission, ProjectRules
from alma.core.model.connection import CheckedConnection, Connection, ConnectionKey
from alma.core.model.errors import Conflict, Forbidden, NotFound
from alma.core.model.principal import Principal
from alma.core.ports import EngineConnections, Engines, Repositories, Transaction


class SavedConnections:
    """What the engines are opened by: the `SavedConnections` port over the database."""

    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories

    def versions(self) -> Mapping[ConnectionKey, str]:
        """Of every project."""
        with self._repositories.read() as transaction:
            return transaction.engine_connections.versions()

    def rules(self) -> Mapping[str, ProjectRules]:
        """Of every project that may use some engines only."""
        with self._repositories.read() as transaction:
            return transaction.projects.restricted()

    def settings(self, key: ConnectionKey) -> Mapping[str, Any]:
        """With the secrets in plain text."""
        with self._repositories.read() as transaction:
            return transaction.engine_connections.settings(key)


class Connections:
    """Connections of the caller's project."""

    def __init__(
        self, *, repositories: Repositories, engines: Engines, known: EngineConnections
    ) -> None:
        self._repositories = repositories
        self._engines = engines
        self._known = known

    def list(self, principal: Principal) -> Sequence[Connection]:
        """Those that the project itself has saved."""
        principal.require(Permission.ENGINE_READ)
        with self._repositories.read() as transaction:
            return transaction.engine_connections.list(project=principal.project)

    def places(self, principal: Principal) -> Sequence[str]:
        """Where something of the project can land: engines that can be used, and named connections to them; sorted."""
        principal.require(Permission.ENGINE_READ)
        return self._engines.places(project=principal.project)

    def listed(self, principal: Principal) -> Sequence[str]:
        """Every engine that the project may use, configured or not, and its named connections; sorted."""
        principal.require(Permission.ENGINE_READ)
        return self._engines.listed(project=principal.project)

    def show(self, principal: Principal, name: str) -> Connection:
        """The connection that holds for the project, whoever said so. Raises InvalidInput for an unknown name,
        EngineUnavailable when nothing says where the engine is."""
        principal.require(Permission.ENGINE_READ)
        place = self._engines.canonical(name, project=principal.project)
        with self._repositories.read() as transaction:
            saved = transaction.engine_connections.find(_key(principal, place))
        return saved or self._known.connection(name, project=principal.project)

    def set(self, principal: Principal, name: str, given: Mapping[str, Any]) -> Connection:
        """Saves all of a connection: what is not given is not set any more, secrets too, so that nobody who does not
        know one can send it elsewhere. Nothing is asked of the engine. Raises InvalidInput naming what is wrong,
        Forbidden for what uses the machine that ALMA runs on unless the caller administers the installation."""
        principal.require(Permission.ENGINE_CONFIGURE)
        checked = self._known.checked(name, given)
        _require_own_right(principal, checked)
        key = ConnectionKey(principal.project, checked.engine, checked.name)
        with self._repositories.write() as transaction:
            made = transaction.engine_connections.put(
                key, settings=checked.settings, secrets=checked.secrets, by=principal.id
            )
            transaction.after_commit(self._known.changed)
            transaction.audit.add(
                principal,
                action="connection.save",
                target=f"connection/{made.engine}",
                after={"settings": sorted(checked.settings), "secrets": sorted(checked.secrets)},
            )
        return made

    def remove(self, principal: Principal, name: str) -> None:
        """Forgets a connection that the project has saved. Raises NotFound when it has not, Conflict while something
        runs that nobody would reach any more."""
        principal.require(Permission.ENGINE_CONFIGURE)
        place = self._engines.canonical(name, project=principal.project)
        key = _key(principal, place)
        with self._repositories.write() as transaction:
            if transaction.engine_connections.find(key) is None:
                raise NotFound(
                    f"project '{principal.project}' has saved no connection '{place}'",
                    hint="one that comes from a file or the environment is removed there",
                )
            _require_nothing_there(transaction, principal, place)
            transaction.engine_connections.delete(key)
            transaction.audit.add(
                principal, action="connection.remove", target=f"connection/{place}"
            )
            transaction.after_commit(self._known.changed)


def _require_own_right(principal: Principal, checked: CheckedConnection) -> None:
    """Files, sockets and keys of ALMA's own machine are no project's: whoever reaches them reaches every project."""
    if principal.administrator or not checked.of_this_machine:
        return
    names = ", ".join(checked.of_this_machine)
    raise Forbidden(
        f"{principal.id} can't save {names}: that uses the machine that ALMA runs on",
        hint="give the address of another machine, or ask an administrator of the installation to save it",
        details={"settings": list(checked.of_this_machine)},
    )


def _key(principal: Principal, place: str) -> ConnectionKey:
    engine, _, name = place.partition("@")
    return ConnectionKey(principal.project, engine, name)


def _require_nothing_there(transaction: Transaction, principal: Principal, place: str) -> None:
    stacks = transaction.stacks.list(project=principal.project)
    alive = [stack.ref.name for stack in stacks if stack.ref.engine == place and stack.records]
    if alive:
        raise Conflict(
            f"'{place}' can't be forgotten: {', '.join(alive)} is deployed there",
            hint="destroy it first; to reach it in another way, configure the connection again",
            details={"stacks": alive},
        )
