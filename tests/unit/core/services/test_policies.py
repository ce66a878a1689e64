"""Rules come from files that people edit, waivers from people: both count at once, and only where they belong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from alma.config import load_catalogue
from alma.config.loading import load_lifecycle
from alma.config.packs import PolicyFiles
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import Conflict, Forbidden, InvalidInput, NotFound
from alma.core.model.finding import Level, Result, Waiver
from alma.core.services.policies import Policies
from alma.db.database import Database, open_database
from tests.people import somebody

ADA = somebody("ada", project="shop")
OWN = """
rules:
  - id: OWN-ONE-001
    title: Small
    severity: low
    types: [vm]
    assert: r.count == 1
    message: "{name}"
"""
PUBLIC = parse_blueprint(
    {
        "name": "store",
        "resources": [{"name": "db", "type": "database", "network": {"public_ip": True}}],
    }
)


class Day:
    """A clock that stands at noon of a day."""

    def __init__(self, day: date) -> None:
        self.day = day

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Day:
    return Day(date(2026, 11, 22))


@pytest.fixture
def policies(tmp_path: Path, clock: Day) -> Any:
    database: Database = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
    database.migrate()
    yield Policies(
        repositories=database,
        packs=PolicyFiles(tmp_path),
        catalogue=load_catalogue(),
        lifecycle=load_lifecycle,
        clock=clock,
    )
    database.close()


def write(home: Path, name: str, text: str) -> None:
    file = home / "policies" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def result(policies: Policies, rule: str = "ALMA-NET-001", project: str = "shop") -> Result | None:
    found = policies.assess(project, PUBLIC).findings
    return next((item.result for item in found if item.rule == rule), None)


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_of_ones_own_counts_as_soon_as_it_is_written(
    policies: Policies, tmp_path: Path
) -> None:
    before = policies.bundle("shop")
    write(tmp_path, "own.yaml", OWN)
    assert policies.rule("shop", "own-one-001").pack == "policies/own.yaml"
    assert policies.bundle("shop") != before
    (tmp_path / "policies" / "own.yaml").unlink()
    assert policies.bundle("shop") == before


def test_a_projects_file_counts_for_that_project_only(policies: Policies, tmp_path: Path) -> None:
    write(tmp_path, "shop/own.yaml", OWN)
    assert policies.rule("shop", "OWN-ONE-001").title == "Small"
    for other in ("default", "sho", ".", "..", ""):
        with pytest.raises(NotFound):
            policies.rule(other, "OWN-ONE-001")


def test_a_project_may_switch_a_shipped_rule_off_and_another_keeps_it(
    policies: Policies, tmp_path: Path
) -> None:
    write(tmp_path, "shop/off.yaml", "rules: [{id: ALMA-NET-001, level: off}]")
    assert policies.rule("shop", "ALMA-NET-001").level is Level.OFF
    assert result(policies) is None
    assert result(policies, project="default") is Result.FAIL


def test_a_faulty_file_is_a_problem_with_its_line_and_the_other_rules_are_asked(
    policies: Policies, tmp_path: Path
) -> None:
    write(tmp_path, "bad.yaml", OWN.replace("r.count == 1", "r.cuont == 1"))
    write(tmp_path, "good.yaml", OWN.replace("OWN-ONE", "OWN-TWO"))
    (tmp_path / "policies" / "raw.yaml").write_bytes(b"\xff\xfe")
    told = {(item.path, item.line) for item in policies.problems("shop")}
    assert told == {("policies/bad.yaml", 7), ("policies/raw.yaml", None)}
    assert policies.rule("shop", "OWN-TWO-001").title == "Small"
    assert result(policies) is Result.FAIL
    assert policies.assess("shop", PUBLIC).problems == tuple(policies.problems("shop"))


def test_an_unknown_rule_is_not_found_and_the_nearest_is_named(policies: Policies) -> None:
    with pytest.raises(NotFound) as error:
        policies.rule("shop", "ALMA-NET-01")
    assert "ALMA-NET-" in str(error.value.hint)


# ── waivers ──────────────────────────────────────────────────────────────────────────────────────


def waiver(**more: Any) -> Waiver:
    given = {"rule": "alma-net-001", "reason": "moves soon", "expires": date(2026, 11, 30)}
    return Waiver.model_validate({**given, **more})


def test_a_waiver_counts_from_now_on_in_its_project_under_the_callers_name(
    policies: Policies,
) -> None:
    granted = policies.waive(ADA, waiver(by="somebody else"))
    assert (granted.by, granted.rule) == ("ada", "ALMA-NET-001")
    assert result(policies) is Result.WAIVED
    assert result(policies, project="default") is Result.FAIL


def test_who_may_not_approve_may_not_waive(policies: Policies) -> None:
    with pytest.raises(Forbidden, match="lacks the permission policy:waive"):
        policies.waive(somebody("ada", project="shop", role="editor"), waiver())
    assert policies.waivers(ADA.project) == []


def test_after_its_day_a_waiver_waives_nothing_and_is_a_finding(
    policies: Policies, clock: Day
) -> None:
    policies.waive(ADA, waiver())
    clock.day = date(2026, 12, 1)
    assert result(policies) is Result.FAIL
    told = [
        item for item in policies.assess("shop", PUBLIC).failed if "ALMA-NET-001" in item.message
    ]
    assert told, "an expired waiver is a finding of its own"
    assert policies.waivers("shop") == []
    assert len(policies.waivers("shop", past=True)) == 1


def test_one_that_is_taken_back_waives_nothing_and_is_no_finding(policies: Policies) -> None:
    granted = policies.waive(ADA, waiver())
    policies.unwaive(ADA, granted.id)
    assert result(policies) is Result.FAIL
    (kept,) = policies.waivers("shop", past=True)
    assert kept.revoked_by == "ada"
    with pytest.raises(Conflict):
        policies.unwaive(ADA, granted.id)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"rule": "ALMA-XXX-999"}, NotFound),
        ({"expires": date(2026, 11, 21)}, InvalidInput),
        ({"reason": "     "}, InvalidInput),
    ],
)
def test_what_is_no_waiver_is_refused(
    policies: Policies, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        policies.waive(ADA, waiver(**given))
    assert policies.waivers("shop", past=True) == []


@pytest.mark.parametrize("id_", ["", "x", "-1", "metadata.policy.waivers.0", "9" * 30, "7"])
def test_taking_back_what_there_is_not_is_not_found(policies: Policies, id_: str) -> None:
    with pytest.raises(NotFound):
        policies.unwaive(ADA, id_)
