"""Where a draft goes to a Kubernetes cluster, a server that nobody called a machine is a service there.

A cluster runs pods, and machines only where an extension for them is installed. "Two web servers on kubernetes" means
what runs in the servers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeGuard

from alma.core.model.blueprint import Blueprint, Origin, Resource, ResourceType
from alma.core.model.conversation import AddResource, Edit, Interpretation, SetBlueprint
from alma.core.model.software import Catalogue

KUBERNETES = "kubernetes"
# What people call what they wrote themselves.
_OWN = frozenset("app api backend frontend worker service bot".split())
_OWN_NAME = re.compile(r"-\d+$")


def in_pods(
    read: Interpretation, blueprint: Blueprint | None, catalogue: Catalogue
) -> Interpretation:
    """The reading with services in the place of such servers, and a sentence that says so; the same reading where the
    draft goes elsewhere. What was called a machine, and what has no program to run, stays as it is."""
    if _engine(read.edits, blueprint).partition("@")[0] != KUBERNETES:
        return read
    if read.question is None and (bare := [e.resource.name for e in read.edits if _is_bare(e)]):
        return read.model_copy(update={"edits": (), "understood": (), "question": _which(bare)})
    edits = [_as_service(edit, catalogue) for edit in read.edits]
    turned = [
        edit.resource.name
        for edit, before in zip(edits, read.edits, strict=True)
        if isinstance(edit, AddResource) and edit is not before
    ]
    if not turned:
        return read
    are = "is a service" if len(turned) == 1 else "are services"
    told = f"{', '.join(turned)} {are}, as a cluster runs pods and not machines"
    return read.model_copy(update={"edits": tuple(edits), "assumptions": (*read.assumptions, told)})


def _engine(edits: Sequence[Edit], blueprint: Blueprint | None) -> str:
    said = [e.engine for e in edits if isinstance(e, SetBlueprint) and e.engine]
    return said[-1] if said else (blueprint.engine if blueprint else None) or ""


def _is_bare(edit: Edit) -> TypeGuard[AddResource]:
    """Whether something of one's own is to run there, and nobody said which image it is: `deploy our app on k8s`."""
    if not isinstance(edit, AddResource) or edit.resource.type is not ResourceType.VM:
        return False
    guessed = edit.origins.get("type") is Origin.INFERRED
    system_said = edit.origins.get("image") is Origin.WORDS
    own = edit.resource.name.rstrip("-0123456789") in _OWN
    return guessed and own and not system_said and edit.resource.engine is None


def _which(names: Sequence[str]) -> str:
    several = len(names) > 1
    said = f"Which {'images do' if several else 'image does'} {' and '.join(names)} run?"
    example = f"a service from ghcr.io/acme/{_OWN_NAME.sub('', names[0])}:1 on kubernetes"
    more = f"Say it once more with {'them' if several else 'it'}, for example: {example}."
    return f"A cluster runs images. {said} {more}"


def _as_service(edit: Edit, catalogue: Catalogue) -> Edit:
    if not isinstance(edit, AddResource) or not _is_meant(edit, catalogue):
        return edit
    written = edit.resource.model_dump(exclude_unset=True)
    origins = dict(edit.origins)
    if origins.pop("image", None) is not None:
        del written["image"]  # the machine's system: the program brings its own
    resource = Resource.model_validate({**written, "type": ResourceType.SERVICE})
    return AddResource(resource=resource, origins={**origins, "type": Origin.INFERRED})


def _is_meant(edit: AddResource, catalogue: Catalogue) -> bool:
    resource = edit.resource
    guessed = edit.origins.get("type") is Origin.INFERRED
    system_said = edit.origins.get("image") is Origin.WORDS
    software = catalogue.find(resource.engine) if resource.engine else None
    runs = software is not None and software.image is not None
    return resource.type is ResourceType.VM and guessed and runs and not system_said
