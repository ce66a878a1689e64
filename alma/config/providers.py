"""Reads `providers.yaml`: the identity providers that people may sign in through, by name.

    company:
      issuer: https://login.example.org/realms/main
      client_id: alma
      client_secret_file: /run/secrets/alma-oidc
      roles:
        claim: groups
        map:
          infra-admins: {project: default, role: admin}

What belongs into a provider is checked where it is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alma.config.sections import SectionFile

FILE = "providers.yaml"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def load_providers(folder: Path) -> dict[str, Mapping[str, Any]]:
    """What stands in `folder/providers.yaml`, by name; nothing when there is no such file. Raises InvalidInput for one
    that can't be read or has another shape."""
    file = SectionFile(folder / FILE, "name: {issuer: …, client_id: …}")
    given = file.read()
    for name in given:
        if not _NAME.fullmatch(name):
            raise file.invalid(f"{name}: a name has lower case letters, digits and '-', at most 40")
    return {name: file.mapping(given[name], name) for name in given}
