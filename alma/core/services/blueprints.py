"""Saves blueprints as revisions, so that every plan can name exactly what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.model.access import Permission
from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import Conflict
from alma.core.model.principal import Principal
from alma.core.ports import Repositories
from alma.core.services.noting import note_revision


class Blueprints:
    """Blueprints of the caller's project."""

    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories

    def create(
        self,
        principal: Principal,
        document: object,
        *,
        origins: Mapping[str, Origin] | None = None,
    ) -> Revision:
        """Saves a new blueprint, from plain data or checked already. Raises BlueprintInvalid with everything that is
        wrong."""
        principal.require(Permission.BLUEPRINT_WRITE)
        blueprint = document if isinstance(document, Blueprint) else parse_blueprint(document)
        with self._repositories.write() as transaction:
            revision = transaction.blueprints.add(
                blueprint, project=principal.project, origins=origins or {}, by=principal.person
            )
            note_revision(transaction, principal, revision)
            return revision

    def update(
        self,
        principal: Principal,
        id_: int,
        document: object,
        *,
        expected: int | None = None,
        origins: Mapping[str, Origin] | None = None,
    ) -> Revision:
        """Saves a further revision. With `expected`, raises Conflict unless that is still the newest one."""
        principal.require(Permission.BLUEPRINT_WRITE)
        blueprint = document if isinstance(document, Blueprint) else parse_blueprint(document)
        with self._repositories.write() as transaction:
            revision = transaction.blueprints.add_revision(
                id_,
                blueprint,
                project=principal.project,
                origins=origins or {},
                by=principal.person,
                expected=expected,
            )
            note_revision(transaction, principal, revision)
            return revision

    def get(self, principal: Principal, id_: int, *, revision: int | None = None) -> Revision:
        """The newest revision, or the one asked for. Raises NotFound."""
        principal.require(Permission.BLUEPRINT_READ)
        with self._repositories.read() as transaction:
            if revision is None:
                return transaction.blueprints.latest(id_, project=principal.project)
            return transaction.blueprints.revision(id_, revision, project=principal.project)

    def revisions(self, principal: Principal, id_: int) -> Sequence[Revision]:
        """All revisions, newest first. Raises NotFound."""
        principal.require(Permission.BLUEPRINT_READ)
        with self._repositories.read() as transaction:
            return transaction.blueprints.revisions(id_, project=principal.project)

    def list(
        self,
        principal: Principal,
        *,
        skip: int = 0,
        limit: int = 100,
        name: str | None = None,
        search: str | None = None,
        engine: str | None = None,
        after: int | None = None,
    ) -> tuple[Sequence[Revision], int]:
        """A page of newest revisions, newest blueprint first, and how many blueprints there are. `name` is all of a
        name, `search` a part of it in any case, `engine` what a blueprint names itself. `after`: the last blueprint
        of the page before."""
        principal.require(Permission.BLUEPRINT_READ)
        project = principal.project
        with self._repositories.read() as transaction:
            found = transaction.blueprints.list(
                project=project,
                skip=skip,
                limit=limit,
                name=name,
                search=search,
                engine=engine,
                after=after,
            )
            total = transaction.blueprints.count(
                project=project, name=name, search=search, engine=engine
            )
            return found, total

    def delete(self, principal: Principal, id_: int, *, expected: int | None = None) -> None:
        """Hides the blueprint. Raises Conflict while something of it runs or is being made, for nothing may run that
        nobody sees; and, with `expected`, unless that is still the newest revision."""
        principal.require(Permission.BLUEPRINT_DELETE)
        with self._repositories.write() as transaction:
            last = transaction.blueprints.latest(id_, project=principal.project)
            for stack in transaction.stacks.list(project=principal.project, blueprint_id=id_):
                for busy in transaction.deployments.unended(stack_id=stack.ref.id):
                    raise Conflict(
                        f"blueprint {id_} is being deployed on {stack.ref.engine}",
                        hint=f"wait until deployment {busy} has ended, or cancel it",
                        details={"blueprint_id": id_, "deployment_id": busy},
                    )
                if stack.records:
                    what = "data" if stack.destroyed else "resources"
                    volumes = " with its volumes" if stack.destroyed else ""
                    raise Conflict(
                        f"blueprint {id_} has {what} on {stack.ref.engine}",
                        hint=f"destroy its stack '{stack.ref.name}'{volumes} first",
                        details={
                            "blueprint_id": id_,
                            "stack_id": stack.ref.id,
                            "stack": stack.ref.name,
                        },
                    )
            transaction.blueprints.delete(id_, project=principal.project, expected=expected)
            transaction.audit.add(
                principal,
                action="blueprint.delete",
                target=f"blueprint/{id_}",
                before={"revision": last.number, "name": last.blueprint.name},
            )
