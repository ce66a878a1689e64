"""The standards that compliance is asked about, and how people write them: the tools and the conversation read the
same spellings, and neither needs the other for it."""

from __future__ import annotations

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
"""How people write the standards, by title: patterns of whole words, in small letters."""
