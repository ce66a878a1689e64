"""Why an API server said no, told apart by its own words: the error, in plain words where the reason is a known one."""

from __future__ import annotations

import re
from typing import Any

from alma.core.model.errors import (
    AlmaError,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.engines.kubernetes.client.errors import (
    Altered,
    Exists,
    FieldConflict,
    Invalid,
    NotAllowed,
    NotAllowedToRead,
    QuotaExceeded,
    Refused,
    Request,
    Terminating,
    TurnedAway,
)
from alma.engines.kubernetes.client.status import Status
from alma.engines.kubernetes.discovery import MissingKind

AUTH_HINT = "check the credentials in the kubeconfig; tokens and client certificates run out"
LOOK_HINT = "ALMA looks before it tries again"


def refusal(request: Request, status: Status) -> AlmaError:
    """The error for an answer that says no."""
    if status.code == 401:
        return EngineAuthFailed(
            f"{request.what}: the cluster does not know who asks", hint=AUTH_HINT
        )
    if status.code == 429:
        return EngineUnavailable(
            f"{request.what}: the API server is busy and took nothing", hint="try again in a moment"
        )
    if status.code >= 500 and not _refuses(status):
        return _of_fault(request, status)
    for known in (_terminating, _gone_kind, _quota, _turned_away, _forbidden, _conflict, _invalid):
        if (found := known(request, status)) is not None:
            return found
    return Refused(f"{request.what}: {_says(request, status)}", **_facts(status))


# With these, a server of that time answers 500 and means that it can't take what it got.
_CANT_TAKE = re.compile(
    r"failed to create typed (?:patch|live) object|failed to convert new object|unable to convert unstructured|"
    r"failed calling (?:admission )?webhook|cannot be handled as|error decoding"
)


def _refuses(status: Status) -> bool:
    return status.told and bool(_CANT_TAKE.search(status.message))


def _of_fault(request: Request, status: Status) -> EngineError:
    reason = f"the API server answered {status.code}: {_says(request, status)}"
    if request.change and not (status.code == 503 and status.told):
        return OutcomeUnknown(f"{request.what}: {reason}; it may have been done", hint=LOOK_HINT)
    return EngineUnavailable(
        f"{request.what}: {reason}", hint="look at the cluster's control plane"
    )


def _says(request: Request, status: Status) -> str:
    if request.secret:
        return "the API server says no; its words are not shown, as they may repeat a secret"
    return short(status.message) or f"the API server answered {status.code}"


def _facts(status: Status) -> dict[str, Any]:
    return {"status": status.code, "reason": status.reason}


def short(text: str, limit: int = 600) -> str:
    """One line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


# ── one reason each ──────────────────────────────────────────────────────────────────────────────


def _terminating(request: Request, status: Status) -> AlmaError | None:
    causes = {cause.reason for cause in status.causes}
    if "NamespaceTerminating" in causes or "because it is being terminated" in status.message:
        return Terminating(
            f"{request.what}: its namespace is just being removed",
            hint="wait until it is gone, then try again",
            **_facts(status),
        )
    return None


def _gone_kind(request: Request, status: Status) -> AlmaError | None:
    if status.code != 404:
        return None
    unknown = "could not find the requested resource" in status.message
    if not status.told or (unknown and not status.name):
        return MissingKind(request.kind or "of that name")
    if status.kind == "namespaces":
        return Refused(
            f"{request.what}: there is no namespace {status.name}",
            hint="make the namespace first, or leave it to ALMA by setting none",
            **_facts(status),
        )
    return None


_QUOTA = re.compile(r"(?P<words>(?:exceeded|failed) quota: .*)", re.DOTALL)
_LIMITS = re.compile(
    r"(?P<words>(?:maximum|minimum) \S+ usage per .*|\S+ max limit to request ratio per .*)",
    re.DOTALL,
)


def _quota(request: Request, status: Status) -> AlmaError | None:
    if status.code != 403:
        return None
    if found := _QUOTA.search(status.message):
        hint = "ask for less, remove what is not needed, or raise the namespace's ResourceQuota"
    elif found := _LIMITS.search(status.message):
        hint = "ask for what the namespace's LimitRange allows, or change it"
    else:
        return None
    return QuotaExceeded(f"{request.what}: {short(found['words'])}", hint=hint, **_facts(status))


_WEBHOOK = re.compile(
    r"admission webhook \"(?P<by>[^\"]+)\" denied the request(?: without explanation)?:? ?(?P<words>.*)",
    re.DOTALL,
)
_WEBHOOK_DOWN = re.compile(
    r"failed calling (?:admission )?webhook \"?(?P<by>[^\":\s]+)\"?: (?P<words>.*)", re.DOTALL
)
_POLICY = re.compile(
    r"ValidatingAdmissionPolicy '(?P<by>[^']+)'.* denied request: (?P<words>.*)", re.DOTALL
)
_POD_SECURITY = re.compile(r"violates (?P<by>PodSecurity \"[^\"]+\"): (?P<words>.*)", re.DOTALL)
_DOORS = (
    (_WEBHOOK, "the admission webhook {by} says no", "do what it asks for, or ask who runs it"),
    (
        _WEBHOOK_DOWN,
        "the admission webhook {by} can't be asked",
        "mend or remove the webhook: without it nothing is let in",
    ),
    (_POLICY, "the admission policy {by} says no", "do what it asks for, or ask who keeps it"),
    (
        _POD_SECURITY,
        "{by} says no",
        "set options.kubernetes.pod_security, if the namespace may have it, or choose an image that needs less",
    ),
)


def _turned_away(request: Request, status: Status) -> AlmaError | None:
    for pattern, says, hint in _DOORS:
        if found := pattern.search(status.message):
            words = "" if request.secret else f": {short(found['words'])}" if found["words"] else ""
            error = TurnedAway(
                f"{request.what}: {says.format(by=found['by'])}{words}", hint=hint, **_facts(status)
            )
            error.by = found["by"]
            return error
    return None


_MAY_NOT = re.compile(
    r"User \"(?P<user>[^\"]*)\" cannot (?P<verb>\S+) "
    r"(?:resource \"(?P<resource>[^\"]+)\" in API group \"(?P<group>[^\"]*)\""
    r"|path \"(?P<path>[^\"]+)\")(?: in the namespace \"(?P<namespace>[^\"]+)\")?"
)

# The server says of a namespace that it is within itself; but only a ClusterRole is about namespaces.
_OF_NO_NAMESPACE = frozenset({"namespaces"})


def _forbidden(request: Request, status: Status) -> AlmaError | None:
    if status.code != 403:
        return None
    found = _MAY_NOT.search(status.message)
    if found is None:
        return Refused(f"{request.what}: {_says(request, status)}", **_facts(status))
    resource = found["path"] or ".".join(filter(None, (found["resource"], found["group"])))
    where = f" in namespace {found['namespace']}" if found["namespace"] else " in the whole cluster"
    message = f"{request.what}: {found['user']} may not {found['verb']} {resource}{'' if found['path'] else where}"
    everywhere = found["path"] or not found["namespace"] or resource in _OF_NO_NAMESPACE
    role = "ClusterRole" if everywhere else "Role"
    hint = f"give it a {role} with the verb {found['verb']} on {resource}"
    return _not_allowed(
        request, status, message, hint, (found["verb"], resource, found["namespace"] or "")
    )


def _not_allowed(
    request: Request, status: Status, message: str, hint: str, right: tuple[str, str, str]
) -> NotAllowed | NotAllowedToRead:
    verb, resource, namespace = right
    facts = {"verb": verb, "resource": resource, "namespace": namespace}
    error: NotAllowed | NotAllowedToRead
    if request.change:
        error = NotAllowed(message, hint=hint, details=facts, **_facts(status))
    else:
        error = NotAllowedToRead(message, hint=hint, details=facts)
    error.verb, error.resource, error.namespace = right
    return error


_OWNER = re.compile(r"conflict with \"(?P<by>[^\"]+)\"")


def _conflict(request: Request, status: Status) -> AlmaError | None:
    if status.code != 409:
        return None
    if "object is being deleted" in status.message:
        return Terminating(
            f"{request.what}: it is just being removed",
            hint="try again when it is gone",
            **_facts(status),
        )
    if status.reason == "AlreadyExists":
        return Exists(
            f"{request.what}: something of that kind and name is there already, and is not this stack's",
            hint="rename or remove it: ALMA never touches what it did not make",
            **_facts(status),
        )
    owners: dict[str, list[str]] = {}
    for cause in status.causes:
        if cause.reason == "FieldManagerConflict" and (found := _OWNER.search(cause.message)):
            owners.setdefault(found["by"], []).append(cause.field.lstrip("."))
    if owners:
        return _owned(request, status, owners)
    return Altered(
        f"{request.what}: {_says(request, status)}",
        hint="look again, then decide",
        **_facts(status),
    )


def _owned(request: Request, status: Status, owners: dict[str, list[str]]) -> FieldConflict:
    whose = "; ".join(f"{by} owns {', '.join(fields)}" for by, fields in sorted(owners.items()))
    error = FieldConflict(
        f"{request.what}: other field managers own what ALMA wants to set: {whose}",
        hint="let the other one give the fields up, or take them out of the blueprint",
        details={"owners": owners},
        **_facts(status),
    )
    error.owners = owners
    return error


def _invalid(request: Request, status: Status) -> AlmaError | None:
    if status.code != 422:
        return None
    fields = {
        cause.field: "" if request.secret else cause.message
        for cause in status.causes
        if cause.field
    }
    if not fields:
        return None
    listed = "; ".join(": ".join(filter(None, item)) for item in fields.items())
    error = Invalid(
        f"{request.what}: the API server can't take {short(listed)}",
        details={"fields": fields},
        **_facts(status),
    )
    error.fields = fields
    return error
