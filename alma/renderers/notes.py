"""What a renderer has to say beside its files: collected once for each resource, however many instances it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.plan import Support, SupportLevel
from alma.core.model.state import DesiredResource

LEFT = "left_to_you"
# Where a blueprint says what an instance has under another name.
_WRITTEN = {"public": "network.public_ip", "ports": "network.ports", "networks": "network.attach"}


class Notes:
    """Collects notes; the same one is kept once."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def unsupported(self, item: DesiredResource, path: str, reason: str) -> None:
        """Something of the blueprint is not in the files."""
        self._add(Severity.WARNING, SupportLevel.UNSUPPORTED.value, item, path, reason)

    def approximated(self, item: DesiredResource, path: str, reason: str) -> None:
        """Something is in the files in another way than the blueprint says it."""
        self._add(Severity.INFO, SupportLevel.APPROXIMATED.value, item, path, reason)

    def none_of(self, item: DesiredResource, what: Mapping[str, object], reason: str) -> None:
        """What of these, by path, is said and has no place: each with the same reason."""
        for path, said in what.items():
            if said:
                self.unsupported(item, path, reason)

    def told(self, item: DesiredResource, support: Iterable[Support]) -> None:
        """What an engine says of the same thing."""
        for one in support:
            if one.level is SupportLevel.UNSUPPORTED:
                self.unsupported(item, one.path, one.reason)
            else:
                self.approximated(item, one.path, one.reason)

    def said(self, path: str, reason: str) -> None:
        """Something of a resource that is no instance here is done in another way."""
        note = Diagnostic(
            severity=Severity.INFO,
            code=SupportLevel.APPROXIMATED.value,
            path=path,
            message=reason,
        )
        self._found[note] = None

    def left(self, path: str, message: str, *, hint: str | None = None) -> None:
        """Something that has to be done by hand."""
        note = Diagnostic(
            severity=Severity.WARNING, code=LEFT, path=path, message=message, hint=hint
        )
        self._found[note] = None

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """All of them, in the order in which they came up."""
        return tuple(self._found)

    def _add(
        self, severity: Severity, code: str, item: DesiredResource, path: str, reason: str
    ) -> None:
        where = f"{item.resource.name}.{_WRITTEN.get(path, path)}"
        self._found[Diagnostic(severity=severity, code=code, path=where, message=reason)] = None
