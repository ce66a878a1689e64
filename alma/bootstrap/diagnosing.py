"""What investigates trouble: signatures of the configuration, and what takes secrets out of what is shown."""

from __future__ import annotations

from functools import partial

from alma.bootstrap.ground import Ground
from alma.bootstrap.running import Running
from alma.config.signatures import signature_book
from alma.core.services.diagnosing import Diagnosing
from alma.llm.secrets import Redaction


def diagnose_with(ground: Ground, running: Running) -> Diagnosing:
    """Wires it; no file is read before something is asked."""
    return Diagnosing(
        repositories=ground.database,
        engines=ground.engines,
        plans=running.plans,
        book=partial(signature_book, ground.own, kept=ground.kept),
        redaction=Redaction().open,
    )
