"""Frameworks are found by any of their names; a control of theirs is shown by rules or has its reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from alma.config.controls import load_controls
from alma.core.model.errors import InvalidInput
from alma.core.model.finding import Gravity, Rule
from alma.core.policy.controls import Framework, Frameworks, natural

FRAMEWORKS = load_controls()


def rule(id_: str, **controls: list[str]) -> Rule:
    """A rule that is evidence for those controls."""
    return Rule.model_validate(
        {
            "id": id_,
            "title": f"title of {id_}",
            "severity": Gravity.LOW,
            "assert": "true",
            "message": "m",
            "controls": {key.replace("_", "-"): value for key, value in controls.items()},
        }
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SOC2", "soc2"),
        ("soc 2", "soc2"),
        ("SOC-2 Type 2", "soc2"),
        ("PCI-DSS", "pci-dss"),
        ("pci dss", "pci-dss"),
        ("pci_dss_4.0", "pci-dss"),
        ("PCI-DSS 4.0.1", "pci-dss"),
        ("ISO 27001", "iso27001"),
        ("ISO/IEC 27001", "iso27001"),
        ("iso27001:2022", "iso27001"),
        ("NIST SP 800-53", "nist"),
        ("CIS v8.1", "cis"),
        ("Hipaa", "hipaa"),
        ("DSGVO", "gdpr"),
    ],
)
def test_a_framework_is_found_however_people_write_it(written: str, meant: str) -> None:
    assert FRAMEWORKS.find(written).id == meant


def test_an_unknown_framework_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        FRAMEWORKS.find("FedRAMP")
    assert "FedRAMP" in refused.value.message
    assert refused.value.hint is not None
    for framework in FRAMEWORKS.known:
        assert framework.id in refused.value.hint


def test_a_slip_of_the_pen_gets_the_nearest_name() -> None:
    with pytest.raises(InvalidInput) as refused:
        FRAMEWORKS.find("hippa")
    assert "did you mean hipaa?" in (refused.value.hint or "")


def test_the_lists_are_as_long_as_the_frameworks_are() -> None:
    """153 safeguards in CIS 8.1, 93 controls in annex A, 33 common criteria and 28 others in SOC 2."""
    lengths = {framework.id: len(framework.controls) for framework in FRAMEWORKS.known}
    assert (lengths["cis"], lengths["iso27001"], lengths["soc2"]) == (153, 93, 61)
    annex = Counter(c.id.rpartition(".")[0] for c in FRAMEWORKS.find("iso27001").controls)
    assert annex == {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34}
    groups = Counter(int(c.id.split(".")[0]) for c in FRAMEWORKS.find("cis").controls)
    per_group = [5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5]
    assert groups == dict(enumerate(per_group, start=1))


@pytest.mark.parametrize("framework", FRAMEWORKS.known, ids=lambda framework: framework.id)
def test_a_control_stands_once_and_in_order(framework: Framework) -> None:
    ids = [control.id for control in framework.controls]
    assert len(ids) == len(set(ids))
    assert ids == sorted(ids, key=natural)


def test_numbers_are_compared_as_numbers() -> None:
    assert sorted(["1.10", "1.2", "1.1"], key=natural) == ["1.1", "1.2", "1.10"]
    assert sorted(["AC-17", "AC-4", "AU-2"], key=natural) == ["AC-4", "AC-17", "AU-2"]
    assert sorted(["A.8.1", "A.5.30", "A.5.9"], key=natural) == ["A.5.9", "A.5.30", "A.8.1"]


def test_a_control_that_only_a_rule_of_ones_own_names_is_added() -> None:
    extended = FRAMEWORKS.extended([rule("OWN-1", soc2=["CC6.1", "CC99.1"])])
    added = [c for c in extended.find("soc2").controls if c.id == "CC99.1"]
    assert [control.title for control in added] == ["title of OWN-1"]
    assert len(extended.find("soc2").controls) == 62


def test_a_framework_of_ones_own_can_be_asked_for() -> None:
    extended = FRAMEWORKS.extended(
        [rule("OWN-1", acme=["A-1"]), rule("OWN-2", acme=["A-1", "A-2"])]
    )
    assert [control.id for control in extended.find("ACME").controls] == ["A-1", "A-2"]
    with pytest.raises(InvalidInput):
        FRAMEWORKS.find("acme")


def test_one_word_can_not_mean_two_frameworks() -> None:
    one = Framework(id="a", name="A", title="t", publisher="p", depth="d", controls=())
    with pytest.raises(ValueError, match="is a and b"):
        Frameworks([one, one.model_copy(update={"id": "b", "name": "B", "aliases": ("A",)})])


def test_the_documentation_names_every_framework_with_its_length() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "compliance.md").read_text("utf-8")
    for framework in FRAMEWORKS.known:
        assert f"| `{framework.id}` | {len(framework.controls)} |" in page
