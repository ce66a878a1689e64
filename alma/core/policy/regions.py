"""Whether a region is in the European Economic Area, where personal data needs no further ground to be (GDPR 44)."""

from __future__ import annotations

import re

# ISO 3166-1 codes of the 27 member states, Iceland, Liechtenstein and Norway.
_COUNTRIES = frozenset(
    "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se is li no".split()
)
# Regions that are named after neither a country nor the continent, and parts of the continent's names outside the EEA.
_INSIDE = frozenset(
    """
    eu-central-1 eu-west-1 eu-west-3 eu-north-1 eu-south-1 eu-south-2 northeurope westeurope francecentral francesouth
    germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth polandcentral italynorth
    spaincentral austriaeast denmarkeast belgiumcentral europe-west1 europe-west3 europe-west4 europe-west8 europe-west9
    europe-west10 europe-west12 europe-north1 europe-north2 europe-central2 europe-southwest1 frankfurt amsterdam paris
    dublin stockholm madrid milan warsaw berlin munich vienna helsinki falkenstein nuremberg eu eea europe
    """.split()
)
_OUTSIDE = frozenset(
    """
    eu-west-2 eu-central-2 europe-west2 europe-west6 uksouth ukwest switzerlandnorth switzerlandwest london zurich
    geneva uk gb ch us usa
    """.split()
)
_CLOUD_REGION = re.compile(
    r"^(us|af|ap|ca|me|sa|il|mx|cn|asia|australia|africa|northamerica|southamerica|us-gov)-?[a-z]+-?[0-9]"
    r"|^(east|west|central|north|south|northcentral|southcentral|westcentral)us[0-9]?$"
    r"|(asia|japan|korea|india|brazil|canada|australia|africa|uae|qatar)",
)


def in_eea(region: str | None) -> bool | None:
    """True or False where the region is known; None where it is not."""
    if region is None:
        return None
    word = re.sub(r"[\s_]+", "-", region.strip().casefold())
    if word in _OUTSIDE:
        return False
    if word in _INSIDE or word in _COUNTRIES or word.split("-", 1)[0] in _COUNTRIES - {"is", "no"}:
        return True
    return False if _CLOUD_REGION.search(word) else None
