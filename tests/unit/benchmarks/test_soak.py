"""What the soak says of memory: what fills up is told from what leaks."""

from __future__ import annotations

from benchmarks.soak import Sample, quarters


def run(*points: tuple[int, float]) -> list[Sample]:
    """Samples of so many deployments and so many MiB."""
    return [
        Sample(
            at=float(number),
            memory_mib=memory,
            descriptors=40,
            threads=10,
            database_mib=1.0,
            deployments=deployments,
        )
        for number, (deployments, memory) in enumerate(points)
    ]


def test_what_is_kept_up_to_a_bound_flattens() -> None:
    filling = run((0, 200.0), (100, 250.0), (200, 260.0), (300, 260.0), (400, 260.0))

    assert quarters(filling) == [512.0, 102.4, 0.0, 0.0]


def test_a_leak_is_the_same_in_every_quarter() -> None:
    leaking = run((0, 200.0), (256, 215.0), (512, 230.0), (768, 245.0), (1024, 260.0))

    assert quarters(leaking) == [60.0, 60.0, 60.0, 60.0]


def test_a_quarter_without_deployments_has_no_figure() -> None:
    assert quarters(run((5, 200.0), (5, 201.0), (6, 201.0), (7, 201.0), (8, 201.0)))[0] is None
