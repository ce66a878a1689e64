"""A cheaper blueprint, measure by measure: savings add up, nothing is promised twice, and what must stay stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alma.config import load_catalogue, load_clouds, load_prices
from alma.core.economics.measures import Aims, Goal, Use
from alma.core.language.editing.edits import apply_edits
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import MeasureKind, Optimisation, Risk
from alma.core.model.document import diagnose, parse_blueprint
from alma.core.services.estimates import Estimates
from tests.unit.core.economics.clouds import estimates

SHIPPED = Estimates(load_catalogue(), load_prices(), clouds=load_clouds)


def blueprint(*resources: dict[str, Any], **metadata: Any) -> Blueprint:
    return parse_blueprint({"name": "shop", "metadata": metadata, "resources": list(resources)})


def vm(name: str = "web", cpu: float = 2, memory: str = "4GiB", **more: Any) -> dict[str, Any]:
    specs = {"cpu": cpu, "memory": memory, "disk": "10GiB"}
    return {"name": name, "type": "vm", "image": "debian:12", "specs": specs, **more}


def optimised(plan: Blueprint, aims: Aims | None = None, **use: Use) -> Optimisation:
    return estimates().optimise(plan, aims or Aims(), provider="nimbus", use=use)


def told(found: Optimisation) -> list[tuple[str, str, Decimal, str]]:
    return [(m.kind.value, m.title, m.saving, m.risk.value) for m in found.measures]


def percent(value: float) -> Decimal:
    return Decimal(str(value))


# ── each way to pay less, with its sum ───────────────────────────────────────────────────────────


def test_what_is_hardly_used_gets_the_size_it_needs() -> None:
    # 4 vCPU at 25 % ÷ 60 % is 1.67, so 2; 8 GiB at 40 % ÷ 80 % is 4: large to medium, 73.00 to 36.50
    found = optimised(
        blueprint(vm(cpu=4, memory="8GiB")), web=Use(cpu_peak=percent(25), memory_peak=percent(40))
    )
    assert told(found)[0] == (
        "right_size",
        "Right-size web: vCPU from 4 to 2, memory from 8GiB to 4GiB",
        Decimal("36.50"),
        "low",
    )


def test_averages_alone_make_it_riskier() -> None:
    found = optimised(blueprint(vm(cpu=4, memory="4GiB")), Aims(), web=Use(cpu=percent(25)))
    assert found.measures[0].risk is Risk.MEDIUM


def test_a_busy_one_stays_as_big_as_it_is() -> None:
    found = optimised(blueprint(vm()), web=Use(cpu_peak=percent(60), memory_peak=percent(80)))
    assert MeasureKind.RIGHT_SIZE not in {measure.kind for measure in found.measures}


def test_more_use_never_needs_less() -> None:
    plan = blueprint(vm(cpu=16, memory="32GiB"))
    sizes = []
    for busy in range(0, 101, 5):
        found = estimates().optimise(plan, Aims(), use={"web": Use(cpu_peak=percent(busy))})
        sizes.append(found.blueprint.resources[0].specs.cpu)
    assert sizes == sorted(sizes, key=lambda cpu: cpu or 0)


def test_what_is_for_staging_is_off_at_night() -> None:
    # 261 of 730 hours of 0.05 USD; then the market for what may stop: 261 × 0.01
    found = optimised(blueprint(vm(), environment="staging"))
    assert [(m.kind, m.saving) for m in found.measures] == [
        (MeasureKind.SCHEDULE, Decimal("36.50") - Decimal("13.05")),
        (MeasureKind.SPOT, Decimal("13.05") - Decimal("2.61")),
    ]


def test_small_ones_share_a_machine() -> None:
    small = {"type": "service", "image": "a/b", "specs": {"cpu": 0.5, "memory": "512MiB"}}
    found = optimised(blueprint({"name": "a", **small}, {"name": "b", **small}))
    # two small machines of 7.30, then one
    assert [(m.kind, m.resources, m.saving) for m in found.measures] == [
        (MeasureKind.CONSOLIDATE, ("a", "b"), Decimal("7.30"))
    ]


def test_backups_that_are_kept_long_go_to_a_cooler_class() -> None:
    # 10 GiB × (1 + 29 × 0.05) = 24.5 GiB at 0.02 and at 0.01
    found = optimised(blueprint(vm(backup={"schedule": "daily", "retention_days": 30})))
    assert (MeasureKind.STORAGE, Decimal("0.24")) in [(m.kind, m.saving) for m in found.measures]


def test_a_year_is_promised_only_for_what_runs_all_the_time() -> None:
    found = optimised(blueprint(vm()))
    assert [(m.kind, m.saving) for m in found.measures] == [(MeasureKind.COMMIT, Decimal("7.30"))]
    assert MeasureKind.COMMIT not in {
        m.kind for m in optimised(blueprint(vm(), environment="dev")).measures
    }


def test_software_that_exists_for_arm_may_run_there() -> None:
    found = optimised(blueprint(vm(image=None, engine="nginx", type="vm")))
    assert (MeasureKind.CLASS, Decimal("7.30")) in [(m.kind, m.saving) for m in found.measures]


def test_a_burstable_type_does_for_what_is_idle_on_average() -> None:
    # 2 vCPU at 10 % ÷ 60 % is 0.33, less than the 0.5 that the type keeps up
    found = optimised(
        blueprint(vm()), web=Use(cpu=percent(10), cpu_peak=percent(90), memory_peak=percent(80))
    )
    assert (MeasureKind.CLASS, Decimal("21.90")) in [(m.kind, m.saving) for m in found.measures]


# ── the target ───────────────────────────────────────────────────────────────────────────────────


def test_nothing_further_is_done_once_the_target_is_met() -> None:
    found = optimised(blueprint(vm(), vm("api"), vm("jobs")), Aims(target=percent(0.05)))
    assert (found.before.monthly, found.target) == (Decimal("112.50"), Decimal("106.87"))
    assert (len(found.measures), found.met) == (1, True)


def test_a_target_out_of_reach_is_told_with_the_best_there_is() -> None:
    found = optimised(blueprint(vm()), Aims(target=percent(0.9), preserve=True))
    assert found.met is False
    assert found.after.monthly == Decimal("22.90")  # three years: 21.90, and the disk
    assert "nothing was made smaller: performance is to be kept" in found.not_done


def test_only_a_target_makes_anything_smaller_that_nobody_has_observed() -> None:
    plan = blueprint(vm(cpu=4, memory="8GiB"))
    assert MeasureKind.SMALLER not in {m.kind for m in optimised(plan).measures}
    found = optimised(plan, Aims(target=percent(0.6)))
    assert found.measures[-1].kind is MeasureKind.SMALLER
    assert found.measures[-1].risk is Risk.HIGH
    balanced = optimised(plan, Aims(target=percent(0.6), goal=Goal.BALANCED))
    assert balanced.met is False
    assert not [m for m in balanced.measures if m.risk is Risk.HIGH]


def test_what_was_observed_is_not_made_smaller_than_it_needs() -> None:
    plan = blueprint(vm(cpu=4, memory="8GiB"))
    use = Use(cpu_peak=percent(60), memory_peak=percent(80))
    found = optimised(plan, Aims(target=percent(0.9)), web=use)
    assert MeasureKind.SMALLER not in {measure.kind for measure in found.measures}


def test_a_measure_that_leads_to_no_price_is_not_taken() -> None:
    only_x86 = {
        "types": {"medium": {"vcpu": 2, "memory_gib": 4, "hour": {"east": 0.05}}},
    }
    found = estimates(**only_x86).optimise(
        blueprint(vm(image=None, engine="nginx")), Aims(), provider="nimbus"
    )
    assert found.measures == ()
    assert found.after == found.before


# ── properties, with the shipped books ───────────────────────────────────────────────────────────

RESOURCES = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                ["vm", "service", "database", "cache", "volume", "object_store"]
            ),
            "cpu": st.sampled_from([0.25, 1, 2, 4, 16]),
            "memory": st.sampled_from(["512MiB", "4GiB", "8GB", "64GiB"]),
            "disk": st.sampled_from(["10GiB", "500GiB"]),
            "count": st.integers(1, 4),
            "days": st.sampled_from([None, 7, 90]),
            "cold": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)
AIMS = st.builds(
    Aims,
    target=st.sampled_from([None, Decimal("0.1"), Decimal("0.3"), Decimal("0.9")]),
    preserve=st.booleans(),
    goal=st.sampled_from([None, *Goal]),
)
PROVIDERS = st.sampled_from(["proxmox", "aws", "azure", "gcp"])
ENVIRONMENTS = st.sampled_from(["production", "staging"])


def drawn(rows: list[dict[str, Any]], environment: str) -> Blueprint:
    made = []
    for number, row in enumerate(rows):
        sizes = {"disk": row["disk"]}
        if row["type"] != "volume":
            sizes |= {"cpu": row["cpu"], "memory": row["memory"]}
        made.append(
            {"name": f"r{number}", "type": row["type"], "specs": sizes, "count": row["count"]}
            | (
                {"backup": {"schedule": "daily", "retention_days": row["days"]}}
                if row["days"]
                else {}
            )
            | ({"labels": {"access": "cold"}} if row["cold"] else {})
            | ({"image": "debian:12"} if row["type"] == "vm" else {})
            | ({"image": "a/b"} if row["type"] == "service" else {})
        )
    return blueprint(*made, environment=environment)


@settings(max_examples=80, deadline=None)
@given(RESOURCES, AIMS, PROVIDERS, ENVIRONMENTS, st.integers(0, 100))
def test_savings_add_up_and_the_result_is_valid_and_never_dearer(
    rows: list[dict[str, Any]], aims: Aims, provider: str, environment: str, busy: int
) -> None:
    plan = drawn(rows, environment)
    use = {"r0": Use(cpu=percent(busy / 2), cpu_peak=percent(busy), memory_peak=percent(busy))}
    found = SHIPPED.optimise(plan, aims, provider=provider, use=use)
    assert all(measure.saving > 0 for measure in found.measures)
    assert found.before.monthly - sum(m.saving for m in found.measures) == found.after.monthly
    assert SHIPPED.estimate(found.blueprint, provider).monthly == found.after.monthly
    assert set(found.after.unpriced) <= set(found.before.unpriced)
    assert not [
        d for d in diagnose(parse_blueprint(found.blueprint.dump())) if d.severity == "error"
    ]
    edits = [edit for measure in found.measures for edit in measure.edits]
    assert apply_edits(plan, edits)[0].dump() == found.blueprint.dump()
    assert found.met is None or found.met == (found.after.monthly <= (found.target or 0))


@settings(max_examples=40, deadline=None)
@given(RESOURCES, AIMS, PROVIDERS, ENVIRONMENTS)
def test_performance_that_is_to_be_kept_is_kept(
    rows: list[dict[str, Any]], aims: Aims, provider: str, environment: str
) -> None:
    plan = drawn(rows, environment)
    kept = aims.model_copy(update={"preserve": True})
    use = {
        r.name: Use(cpu=percent(5), cpu_peak=percent(5), memory_peak=percent(5))
        for r in plan.resources
    }
    found = SHIPPED.optimise(plan, kept, provider=provider, use=use)
    for before, after in zip(plan.resources, found.blueprint.resources, strict=True):
        assert (before.specs, before.count) == (after.specs, after.count)
        assert "sustained" not in str(after.metadata)
