"""Prices over HTTP: the books, what stands in them, and cost data for other tools."""

from __future__ import annotations

import csv
import io

from tests.api.server import API, Server

SHOP = {
    "name": "shop",
    "resources": [
        {
            "name": "web",
            "type": "vm",
            "image": "debian:12",
            "specs": {"cpu": 2, "memory": "4GiB", "disk": "10GiB"},
        }
    ],
}


def test_every_book_has_its_version_and_the_days_of_its_figures(server: Server) -> None:
    found = {item["provider"]: item for item in server.get("/prices")["items"]}
    assert list(found) == ["proxmox", "aws", "azure", "gcp"]
    assert found["aws"]["version"].startswith("aws@")
    assert found["aws"]["first"] <= found["aws"]["last"]
    assert "eu-west-1" in found["aws"]["regions"]


def test_prices_of_a_region_come_with_their_sources(server: Server) -> None:
    found = server.get("/prices/AWS?region=eu-west-1&type=m5.large")["items"]
    assert [(p["type"], p["region"], p["usd_hour"], p["kind"]) for p in found] == [
        ("m5.large", "eu-west-1", 0.107, "derived")
    ]
    assert found[0]["source"]


def test_what_a_blueprint_costs_is_handed_out_as_rows(server: Server) -> None:
    answer = server.http.post(f"{API}/prices/aws/focus", json=SHOP)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = [*csv.DictReader(io.StringIO(answer.text))]
    assert [(r["ResourceName"], r["SkuId"], r["EffectiveCost"]) for r in rows] == [
        ("web", "c5.large", "62.05"),
        ("web", "gp3", "0.80"),
    ]


def test_prices_are_handed_out_as_rows(server: Server) -> None:
    answer = server.http.get(f"{API}/prices/gcp/focus", params={"region": "europe-west3"})
    rows = [*csv.DictReader(io.StringIO(answer.text))]
    assert {row["RegionId"] for row in rows} == {"europe-west3"}
    assert {row["x_Estimate"] for row in rows} == {"true"}


def test_unknown_providers_regions_and_types_are_refused(server: Server) -> None:
    for path in ("ibm", "aws?region=mars-1", "aws?type=m5.tiny", "proxmox", "ibm/focus"):
        answer = server.http.get(f"{API}/prices/{path}")
        assert answer.status_code == 422, path
        assert answer.json()["hint"], path
