"""What can be done with the secret key alone, without a database: checking an audit log that was exported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alma.core.model.audit_check import AuditReport, KnownHead
from alma.core.model.audit_export import check_lines
from alma.core.model.errors import SecretUnreadable
from alma.db.audit import place_of_key
from alma.db.keyring import Keyring
from alma.settings import Settings


def check_exported(
    settings: Settings, lines: Iterable[str], known: Sequence[KnownHead]
) -> AuditReport:
    """Checks an export with this installation's secret key. Raises InvalidInput for what is no whole export."""
    keyring = Keyring.open(settings.home, settings.secret_key, command=settings.secret_key_command)

    def opened(key_id: str, sealed: str) -> bytes | None:
        try:
            return bytes.fromhex(keyring.decrypt(sealed, place_of_key(key_id)))
        except SecretUnreadable:
            return None

    return check_lines(lines, opened, known)
