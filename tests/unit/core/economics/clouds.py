"""A price book of a cloud with round prices, so that a test's sums can be done in the head."""

from __future__ import annotations

from typing import Any

from alma.config import load_catalogue
from alma.core.economics.cloudbook import CloudBook
from alma.core.services.estimates import Estimates
from tests.unit.core.economics.books import book

# By the month of 730 hours: small 7.30, burst 14.60, medium 36.50, large 73, memory 109.50, gpu 730.
DOCUMENT: dict[str, Any] = {
    "id": "nimbus",
    "provider": "nimbus",
    "title": "Nimbus",
    "aliases": ["the nimbus"],
    "usual_region": "east",
    "regions": {
        "east": {
            "hour": {"kind": "list", "source": "a test", "date": "2026-01-01"},
            "spot": {"kind": "estimate", "source": "a test's spot"},
            "year_1": {"kind": "estimate", "source": "a test's year"},
            "year_3": {"kind": "estimate", "source": "a test's years"},
        },
        "west": {"hour": {"kind": "derived", "source": "east times two"}},
    },
    "types": {
        "small": {"vcpu": 1, "memory_gib": 1, "hour": {"east": 0.01, "west": 0.02}},
        "burst": {"vcpu": 2, "memory_gib": 4, "baseline": 0.5, "hour": {"east": 0.02}},
        "medium": {
            "vcpu": 2,
            "memory_gib": 4,
            "hour": {"east": 0.05, "west": 0.1},
            "spot": {"east": 0.01},
            "year_1": {"east": 0.04},
            "year_3": {"east": 0.03},
        },
        "arm": {"vcpu": 2, "memory_gib": 4, "arch": "arm64", "hour": {"east": 0.04}},
        "large": {"vcpu": 4, "memory_gib": 8, "hour": {"east": 0.1, "west": 0.2}},
        "memory": {"vcpu": 4, "memory_gib": 32, "hour": {"east": 0.15}},
        "gpu": {"vcpu": 4, "memory_gib": 16, "gpu": 1, "hour": {"east": 1}},
    },
    "meters": {
        "disk": {"title": "ssd", "kind": "list", "source": "a test", "usd": {"east": 0.1}},
        "disk_hdd": {"title": "hdd", "kind": "list", "source": "a test", "usd": {"east": 0.04}},
        "object": {"title": "hot", "kind": "list", "source": "a test", "usd": {"east": 0.02}},
        "object_cool": {"title": "cool", "kind": "list", "source": "a test", "usd": {"east": 0.01}},
        "address_hour": {
            "title": "address",
            "kind": "list",
            "source": "a test",
            "usd": {"east": 0.01},
        },
    },
    "egress": {
        "region": "east",
        "kind": "list",
        "source": "a test",
        "steps": [{"usd": 0, "up_to_gb": 100}, {"usd": 0.1, "up_to_gb": 1000}, {"usd": 0.05}],
    },
}


def nimbus(**changes: Any) -> CloudBook:
    return CloudBook.model_validate({**DOCUMENT, **changes})


def estimates(**changes: Any) -> Estimates:
    return Estimates(load_catalogue(), book(), clouds=lambda: {"nimbus": nimbus(**changes)})
