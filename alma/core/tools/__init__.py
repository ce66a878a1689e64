"""The tools: what ALMA can work out about infrastructure, each defined once for people, programs and models.

This table is where a tool is registered: its name, and the module with its `TOOL`, imported when it is first asked for.
What needs an extra of the distribution names it as packages do: "alma.core.tools.forecast [charts]".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alma.core.tools.infrastructure_tools import InfrastructureTools

__all__ = ["TOOLS", "InfrastructureTools"]

TOOLS: Mapping[str, str] = {
    "create_blueprint": "alma.core.tools.create_blueprint",
    "validate_blueprint": "alma.core.tools.validate_blueprint",
    "estimate_resources": "alma.core.tools.estimate_resources",
    "optimize_costs": "alma.core.tools.optimize_costs",
    "calculate_capacity": "alma.core.tools.calculate_capacity",
    "forecast_metrics": "alma.core.tools.forecast_metrics",
    "suggest_architecture": "alma.core.tools.suggest_architecture",
    "security_audit": "alma.core.tools.security_audit",
    "generate_deployment_plan": "alma.core.tools.generate_deployment_plan",
    "compare_blueprints": "alma.core.tools.compare_blueprints",
    "migrate_infrastructure": "alma.core.tools.migrate_infrastructure",
    "check_compliance": "alma.core.tools.check_compliance",
    "troubleshoot_issue": "alma.core.tools.troubleshoot_issue",
}


def __getattr__(name: str) -> Any:
    """`InfrastructureTools`, where callers look for it. It can't be imported above: it needs the table."""
    if name == "InfrastructureTools":
        from alma.core.tools.infrastructure_tools import InfrastructureTools

        return InfrastructureTools
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
