"""A price book with round prices, so that a test's sums can be done in the head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.core.economics.pricebook import PriceBook


def _figure(value: float, kind: str = "list") -> dict[str, Any]:
    return {"value": value, "kind": kind, "source": "a test", "date": "2026-01-01"}


# By the month of 730 hours: a vCPU 7.30, a GiB of memory 1.46, a GiB of disk 0.073, a GPU 73.
DOCUMENT: dict[str, Any] = {
    "id": "round",
    "fallback": {
        "label": "list-price proxy, not your own cost",
        "vcpu_hour": _figure(0.01),
        "gib_hour": _figure(0.002),
        "disk_gib_hour": _figure(0.0001),
        "gpu_hour": _figure(0.1),
        "egress_gb": _figure(0.12),
    },
    "settings": {
        "life_years": 5,
        "residual": 0,
        "maintenance_per_year": 0.05,
        "pue": 1.54,
        "tariff_per_kwh": 0.2054,
        "rack_unit_month": 75,
        "admin_month": 0,
        "licence_year": 0,
        "cpu_gib_ratio": 7.46,
        "target_utilisation": _figure(0.6, "assumption"),
        "vcpu_overcommit": 1,
    },
    "unsaid": {"cpu": 1, "memory": "1GiB", "disk": "10GiB", "source": "a test's default"},
    "backups": {
        "changed_share": _figure(0.05, "assumption"),
        "schedule": "daily",
        "retention_days": 7,
    },
}
# The machine of the worked example: 12,000 USD, 128 threads, 512 GiB, 400 W, two units of a rack.
HOST = {"purchase": 12000, "threads": 128, "memory_gib": 512, "watts": 400, "rack_units": 2}


def book(**changes: Mapping[str, Any]) -> PriceBook:
    return PriceBook.model_validate({**DOCUMENT, **changes})
