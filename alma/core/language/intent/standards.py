"""The standards that a question about compliance names, so that the answer is about those: "are we GDPR compliant?"."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import Seldom, seldom

SPELLED = {
    "GDPR": r"gdpr|dsgvo|rgpd|data protection regulation",
    "PCI DSS": r"pci(?:[ -]?dss)?",
    "HIPAA": r"hipaa|hippa",
    "SOC 2": r"soc[ -]?(?:2|ii|two)",
    "ISO 27001": r"iso(?:/iec)?[ -]?27001|27001",
    "CIS": r"cis",
    "NIST": r"nist(?: 800-53| csf)?",
    "NIS2": r"nis[ -]?2",
    "DORA": r"dora",
    "FedRAMP": r"fedramp",
    "BSI": r"bsi(?: grundschutz)?",
}
"""How people write the standards, by title: patterns of whole words."""
_KNOWN: tuple[tuple[str, Seldom], ...] = tuple(
    (title, seldom(rf"\b(?:{pattern})\b", re.IGNORECASE)) for title, pattern in SPELLED.items()
)


def standards(message: str) -> list[str]:
    """The titles of the standards that a message names."""
    return [title for title, pattern in _KNOWN if pattern.search(message)]
