"""Reads what many nouns point to in one statement each: who asks about a list must not ask once for each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.model.access import Permission
from alma.core.model.blueprint import Revision
from alma.core.model.deployment import Deployment
from alma.core.model.event import Event
from alma.core.model.ipr import IPR
from alma.core.model.principal import Principal
from alma.core.model.state import Stack
from alma.core.ports import Repositories


class Gathering:
    """Nouns of the caller's project by their ids. What does not exist, or not for the caller, is left out."""

    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories

    def blueprints(self, principal: Principal, ids: Sequence[int]) -> Mapping[int, Revision]:
        """The newest revision of each."""
        principal.require(Permission.BLUEPRINT_READ)
        with self._repositories.read() as transaction:
            found = transaction.blueprints.many(ids, project=principal.project)
        return {item.id: item for item in found}

    def histories(
        self, principal: Principal, ids: Sequence[int], *, limit: int
    ) -> Mapping[int, Sequence[Revision]]:
        """The last `limit` revisions of each, newest first."""
        principal.require(Permission.BLUEPRINT_READ)
        with self._repositories.read() as transaction:
            found = transaction.blueprints.histories(ids, project=principal.project, limit=limit)
        return {id_: [item for item in found if item.id == id_] for id_ in ids}

    def iprs(self, principal: Principal, ids: Sequence[int]) -> Mapping[int, IPR]:
        """Requests with their plans and reviews."""
        principal.require(Permission.IPR_READ)
        with self._repositories.read() as transaction:
            found = transaction.iprs.many(ids, project=principal.project)
        return {item.id: item for item in found}

    def deployments(self, principal: Principal, ids: Sequence[str]) -> Mapping[str, Deployment]:
        """Deployments with their steps."""
        principal.require(Permission.DEPLOYMENT_READ)
        with self._repositories.read() as transaction:
            found = transaction.deployments.many(ids, project=principal.project)
        return {item.id: item for item in found}

    def logs(
        self, principal: Principal, ids: Sequence[str], *, after: int, limit: int
    ) -> Mapping[str, Sequence[Event]]:
        """The next `limit` lines of each log after that number."""
        principal.require(Permission.DEPLOYMENT_READ)
        with self._repositories.read() as transaction:
            found = transaction.deployments.logs(
                ids, project=principal.project, after=after, limit=limit
            )
        return {id_: [item for item in found if item.deployment_id == id_] for id_ in ids}

    def stacks(self, principal: Principal, ids: Sequence[str]) -> Mapping[str, Stack]:
        """Stacks with what is recorded of them."""
        principal.require(Permission.STACK_READ)
        with self._repositories.read() as transaction:
            found = transaction.stacks.many(ids, project=principal.project)
        return {item.ref.id: item for item in found}

    def stacks_of(
        self, principal: Principal, blueprint_ids: Sequence[int]
    ) -> Mapping[int, Sequence[Stack]]:
        """The stacks of each blueprint."""
        principal.require(Permission.STACK_READ)
        with self._repositories.read() as transaction:
            found = transaction.stacks.of_blueprints(blueprint_ids, project=principal.project)
        return {id_: [item for item in found if item.blueprint_id == id_] for id_ in blueprint_ids}
