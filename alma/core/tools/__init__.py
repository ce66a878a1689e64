"""The tools: what ALMA can work out about infrastructure, each defined once for people, programs and models.

This table is where a tool is registered: its name, and the module with its `TOOL`, imported when it is first asked for.
What needs an extra of the distribution names it as packages do: "alma.core.tools.forecast [charts]".
"""

from __future__ import annotations

from collections.abc import Mapping

TOOLS: Mapping[str, str] = {
    "validate_blueprint": "alma.core.tools.validate_blueprint",
}
