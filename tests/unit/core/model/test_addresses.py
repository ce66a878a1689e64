"""Only a text is an address: Python would take `false` for 0.0.0.0 and 5 for 0.0.0.5."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid


@pytest.mark.parametrize("value", [False, True, 5, 0, -1, 10**40, 1.5, [], {}, b"\x7f\0\0\1"])
@pytest.mark.parametrize("field", ["cidr", "private_ip"])
def test_what_is_no_text_is_no_address(field: str, value: Any) -> None:
    entry: dict[str, Any] = {"name": "n", "type": "network", "cidr": value}
    if field == "private_ip":
        entry = {"name": "n", "type": "vm", "network": {"private_ip": value}}
    with pytest.raises(BlueprintInvalid) as refused:
        parse_blueprint({"name": "x", "resources": [entry]})
    assert refused.value.diagnostics[0].path.startswith("resources.0")
