"""Few rules, so that figures can be computed by hand: all shipped ones are off but three, as a project may say.

ALMA-NET-001 is critical (weight 10), ALMA-BCK-001 high (7.5) and ALMA-GOV-001 low (2.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alma.config.packs import PolicyFiles
from alma.core.policy.packs import read_packs

STORES: dict[str, Any] = {
    "name": "stores",
    "resources": [
        {
            "name": "open",
            "type": "database",
            "engine": "postgresql",
            "network": {"public_ip": True},
        },
        {"name": "kept", "type": "database", "engine": "postgresql", "backup": True},
    ],
}
THREE = frozenset({"ALMA-NET-001", "ALMA-BCK-001", "ALMA-GOV-001"})
OPEN_DB: dict[str, Any] = {"name": "x", "resources": [STORES["resources"][0]]}


def only(home: Path, rules: Iterable[str] = THREE) -> Path:
    """The folder, with all shipped rules switched off but these."""
    kept = frozenset(rules)
    shipped = [item.rule.id for item in read_packs(PolicyFiles().packs("default")).rules]
    lines = [f"  - {{id: {id_}, level: 'off'}}" for id_ in shipped if id_ not in kept]
    folder = home / "config" / "policies"
    folder.mkdir(parents=True)
    (folder / "few.yaml").write_text("\n".join(["rules:", *lines]) + "\n", encoding="utf-8")
    return home
