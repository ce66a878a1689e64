"""The calls about projects, their members and their roles."""

from __future__ import annotations

import os
from typing import Any

from alma.cli.calls import Calls, Rows, part
from alma.cli.shapes import Json


class ProjectCalls(Calls):
    """Who works apart from whom, by which rules, and as what."""

    def project_at_hand(self) -> str:
        """The project that --project or ALMA_PROJECT names, else the one that the server takes the caller to mean."""
        return os.environ.get("ALMA_PROJECT") or str(self._object("GET", "/auth/me")["project"])

    def projects(self, *, limit: int | None) -> Rows:
        """The projects that one may know of; all of them with None."""
        # Asked in no project: whoever named one by mistake is to see which there are.
        nowhere = {"X-ALMA-Project": ""}
        return self._items("/projects", params={"limit": limit}, headers=nowhere)

    def project(self, id_: str) -> Json:
        """One project with its rules."""
        return self._object("GET", f"/projects/{part(id_)}")

    def create_project(self, body: dict[str, Any]) -> Json:
        """A new project."""
        return self._object("POST", "/projects", json=body)

    def change_project(self, id_: str, *, seen: str | None = None, **changes: Any) -> Json:
        """Another name, or other rules in place of all there were; only while its version is the one `seen`."""
        headers = {} if seen is None else {"If-Match": f'"{seen}"'}
        return self._object("PATCH", f"/projects/{part(id_)}", json=changes, headers=headers)

    def archive_project(self, id_: str) -> Json:
        """Closes a project to its members."""
        return self._object("DELETE", f"/projects/{part(id_)}")

    def members(self, project: str, *, limit: int | None = None) -> Rows:
        """Every role that somebody holds."""
        return self._items(f"/projects/{part(project)}/members", params={"limit": limit})

    def grant(self, project: str, principal: str, role: str) -> Json:
        """Gives somebody a role."""
        body = {"principal": principal, "role": role}
        return self._object("POST", f"/projects/{part(project)}/members", json=body)

    def revoke(self, project: str, principal: str, role: str) -> None:
        """Takes a role back."""
        self._done("DELETE", f"/projects/{part(project)}/members/{part(principal)}/{part(role)}")

    def roles(self, project: str, *, limit: int | None = None) -> Rows:
        """The five that every project has, then the project's own."""
        return self._items(f"/projects/{part(project)}/roles", params={"limit": limit})

    def save_role(self, project: str, name: str, permissions: list[str]) -> Json:
        """Makes a role, or makes it allow something else."""
        path = f"/projects/{part(project)}/roles/{part(name)}"
        return self._object("PUT", path, json={"permissions": permissions})

    def remove_role(self, project: str, name: str) -> None:
        """Removes a role of the project's own."""
        self._done("DELETE", f"/projects/{part(project)}/roles/{part(name)}")
