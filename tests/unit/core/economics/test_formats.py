"""Price lists of others become prices of a book, and what can't be used is left out and counted."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from alma.config import load_catalogue, load_clouds, load_prices, save_prices
from alma.core.economics.cloudbook import Arch, Market
from alma.core.economics.focus import COLUMNS, as_csv, book_rows, estimate_rows
from alma.core.economics.formats import Format, Imported, as_books, read_prices
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import InvalidInput
from alma.core.services.estimates import Estimates

BOOKS = load_clouds()
OWN = """\
cloud,region,instance_type,vcpu,memory_gib,arch,gpu,ondemand_usd_hour,spot_usd_hour,commit_1y_usd_hour,price_date
aws,us-east-1,m9.large,2,8,x86_64,0,0.11,0.04,,2026-10-01
hetzner,fsn1,cpx21,3,4,x86_64,0,0.0136,,,2026-10-01
aws,us-east-1,t9.large,2,8,x86_64,0,0.01,,,2026-10-01
aws,us-east-1,free,2,8,x86_64,0,0,,,2026-10-01
"""
SKYPILOT = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone
m9g.large,,,2.0,8.0,,0.09,0.03,us-east-1,us-east-1a
m9g.large,,,2.0,8.0,,0.09,0.05,us-east-1,us-east-1b
p9.xlarge,H900,2.0,8.0,64.0,"{'Gpus': []}",4.5,,us-east-1,us-east-1a
,V100,1,,,,2.48,0.74,us-east-1,
"""
LIBCLOUD = {
    "compute": {
        "ec2_linux": {
            "m5.large": {"us-east-1": 0.097, "ap-south-1": 0.101, "eu-west-1": 0.0},
            "x9.huge": {"us-east-1": 9.0},
        },
        "azure_linux": {"d2sv5": {"eastus": 0.099}, "lowpriorityd2sv5": {"eastus": 0.01}},
        "gce_instances": {
            "e2": {
                "cpu": {"description": "", "on_demand": {"us-west1": {"price": 0.02, "sku": "A"}}},
                "ram": {"description": "", "on_demand": {"us-west1": {"price": 0.003, "sku": "B"}}},
            }
        },
    },
    "storage": {},
    "updated": 1740936978,
}
_MACHINE = '"{""InstanceType"": ""Standard_D8s_v9"", ""CoreCount"": 8, ""MemorySize"": 32}"'
FOCUS = f"""\
BillingCurrency,ChargePeriodStart,ListUnitPrice,PricingCategory,PricingUnit,ProviderName,RegionId,ServiceCategory,\
SkuPriceDetails
USD,2026-10-03T00:00:00Z,0.42,Standard,Hours,Microsoft,eastus,Compute,{_MACHINE}
USD,2026-10-03T00:00:00Z,0.08,Dynamic,Hours,Microsoft,eastus,Compute,{_MACHINE}
USD,2026-10-03T00:00:00Z,0.02,Standard,GB-Month,Microsoft,eastus,Storage,
EUR,2026-10-03T00:00:00Z,0.39,Standard,Hours,Microsoft,westeurope,Compute,{_MACHINE}
"""


def read(text: str, form: str, provider: str | None = None) -> Imported:
    return read_prices(text, Format(form), provider=provider, books=BOOKS)


def test_a_list_of_ours_tells_everything_itself() -> None:
    found = read(OWN, "csv")
    assert [(r.provider, r.type, r.vcpu, r.hour, r.spot, r.day) for r in found.rows] == [
        ("aws", "m9.large", Decimal(2), Decimal("0.11"), Decimal("0.04"), date(2026, 10, 1)),
        ("hetzner", "cpx21", Decimal(3), Decimal("0.0136"), None, date(2026, 10, 1)),
    ]
    assert found.skipped == {
        "burstable, and what it keeps up is not known": 1,
        "no price, or zero": 1,
    }


def test_of_skypilots_zones_the_dearest_spot_price_counts() -> None:
    found = read(SKYPILOT, "skypilot", "aws")
    assert [(r.type, r.arch, r.gpu, r.hour, r.spot) for r in found.rows] == [
        ("m9g.large", Arch.ARM, 0, Decimal("0.09"), Decimal("0.05")),
        ("p9.xlarge", Arch.X86, 2, Decimal("4.5"), None),
    ]


def test_libcloud_only_has_prices_so_only_known_types_are_taken() -> None:
    found = read(json.dumps(LIBCLOUD), "libcloud")
    prices = {(r.provider, r.region, r.type): r.hour for r in found.rows}
    assert prices["aws", "us-east-1", "m5.large"] == Decimal("0.097")
    assert prices["azure", "eastus", "Standard_D2s_v5"] == Decimal("0.099")
    # 4 vCPU × 0.02 + 16 GiB × 0.003; half a vCPU is what e2-small keeps up
    assert prices["gcp", "us-west1", "e2-standard-4"] == Decimal("0.128")
    assert prices["gcp", "us-west1", "e2-small"] == Decimal("0.016")
    assert ("aws", "eu-west-1", "m5.large") not in prices  # zero there means unknown
    assert found.skipped["neither the list nor a book tells its vCPU and memory"] == 2
    assert {r.derived for r in found.rows if r.provider == "gcp"} == {True}


def test_of_billing_data_the_list_prices_of_machines_are_taken() -> None:
    (row,) = read(FOCUS, "focus").rows
    assert (row.provider, row.type, row.vcpu, row.memory_gib) == (
        "azure",
        "Standard_D8s_v9",
        Decimal(8),
        Decimal(32),
    )
    assert (row.hour, row.spot, row.day) == (Decimal("0.42"), Decimal("0.08"), date(2026, 10, 3))


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ("a,b\n1,2\n", "csv", "the file has no column instance_type, ondemand_usd_hour, region"),
        ("{}", "libcloud", "the file is no pricing.json of libcloud"),
        ("not json", "libcloud", "the file is no pricing.json of libcloud"),
        (SKYPILOT, "skypilot", "the list does not say whose prices it has"),
        ("InstanceType,Price,Region\nt3.x,1,r\n", "focus", "the file has no column"),
    ],
    ids=["columns", "empty", "no json", "whose", "another form"],
)
def test_what_is_no_such_list_is_told(text: str, form: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(text, form)


# ── into a book, and out again ───────────────────────────────────────────────────────────────────


def taken(tmp_path: Path, text: str, form: str, provider: str | None = None) -> None:
    rows = read(text, form, provider).rows
    books = as_books(rows, source="a list", today=date(2026, 11, 22))
    for whose, book in books.items():
        save_prices(tmp_path, whose, book)


def test_imported_prices_lie_over_the_shipped_ones(tmp_path: Path) -> None:
    taken(tmp_path, json.dumps(LIBCLOUD), "libcloud")
    book = load_clouds(tmp_path)["aws"]
    mine = book.price("m5.large", "us-east-1", Market.ON_DEMAND)
    assert mine is not None
    assert (mine.value, mine.source, mine.date) == (Decimal("0.097"), "a list", date(2025, 3, 2))
    assert book.price("m5.large", "ap-south-1", Market.ON_DEMAND) is not None
    other = book.price("m5.large", "eu-west-1", Market.ON_DEMAND)
    assert other == BOOKS["aws"].price("m5.large", "eu-west-1", Market.ON_DEMAND)
    assert book.version != BOOKS["aws"].version


def test_a_second_import_adds_to_the_first(tmp_path: Path) -> None:
    taken(tmp_path, OWN, "csv")
    taken(tmp_path, SKYPILOT, "skypilot", "aws")
    types = load_clouds(tmp_path)["aws"].types
    assert {"m9.large", "m9g.large", "m7i.large"} <= types.keys()


def test_another_providers_list_is_a_book_of_its_own(tmp_path: Path) -> None:
    taken(tmp_path, OWN, "csv")
    known = Estimates(load_catalogue(), load_prices(), clouds=lambda: load_clouds(tmp_path))
    assert known.providers == ("proxmox", "aws", "azure", "gcp", "hetzner")
    plan = {
        "name": "x",
        "resources": [{"name": "a", "type": "vm", "specs": {"cpu": 3, "memory": "4GiB"}}],
    }
    found = known.estimate(parse_blueprint(plan), "hetzner")
    assert found.of("a") == Decimal("9.93")  # 0.0136 × 730
    assert "disk storage of a: no price is known for fsn1" in found.uncounted


def test_a_plain_number_in_ones_own_book_is_what_somebody_entered(tmp_path: Path) -> None:
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "aws.yaml").write_text("types: {m5.large: {hour: {us-east-1: 0.05}}}\n")
    price = load_clouds(tmp_path)["aws"].price("m5.large", "us-east-1", Market.ON_DEMAND)
    assert price is not None
    assert (price.value, price.source) == (Decimal("0.05"), "entered by you")


def test_a_mistake_names_file_and_field(tmp_path: Path) -> None:
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "gcp.yaml").write_text("types: {e2-micro: {vcpu: -1}}\n")
    with pytest.raises(InvalidInput, match=r"gcp\.yaml: types\.e2-micro\.vcpu"):
        load_clouds(tmp_path)


def test_a_price_without_a_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prices").mkdir()
    text = "meters: {}\ntypes: {m5.large: {hour: {mars-1: {value: 1}}}}\n"
    (tmp_path / "prices" / "aws.yaml").write_text(text)
    with pytest.raises(InvalidInput, match=r"m5\.large"):
        load_clouds(tmp_path)


def test_what_is_exported_can_be_imported_again() -> None:
    text = as_csv(book_rows(BOOKS["azure"], region="eastus"))
    assert text.splitlines()[0] == ",".join(COLUMNS)
    back = {row.type: row for row in read(text, "focus").rows}
    assert back.keys() == BOOKS["azure"].types.keys()
    hours = {
        name: price.value
        for name in BOOKS["azure"].types
        if (price := BOOKS["azure"].price(name, "eastus", Market.ON_DEMAND))
    }
    for name, row in back.items():
        assert row.hour == hours[name]


def test_costs_are_exported_line_by_line() -> None:
    known = Estimates(load_catalogue(), load_prices(), clouds=load_clouds)
    plan = parse_blueprint(
        {
            "name": "shop",
            "resources": [
                {
                    "name": "a",
                    "type": "vm",
                    "labels": {"team": "x"},
                    "specs": {"cpu": 2, "memory": "4GiB", "disk": "10GiB"},
                }
            ],
        }
    )
    rows = [*estimate_rows(known.estimate(plan, "aws"), plan, day=date(2026, 12, 22))]
    assert [(r["SkuId"], r["EffectiveCost"], r["ServiceCategory"]) for r in rows] == [
        ("c5.large", "62.05", "Compute"),
        ("gp3", "0.80", "Storage"),
    ]
    assert rows[0]["BillingPeriodEnd"] == "2027-01-01T00:00:00Z"
    assert rows[0]["Tags"] == '{"team": "x"}'
    assert (rows[0]["x_Kind"], rows[0]["x_PriceDate"]) == ("list", "2026-07-20")
    assert all(set(row) <= set(COLUMNS) for row in rows)
