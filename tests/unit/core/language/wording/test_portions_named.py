"""Several that were counted and named are told one by one, if anything is told of any of them."""

from __future__ import annotations

import pytest

from alma.core.language.wording.portions import in_portions


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("three vms: athena, hermes and zeus. zeus with 32GB, the others 8",
         "1 vm called athena with 8 GB, 1 vm called hermes with 8 GB, 1 vm called zeus with 32GB"),
        ("two caches, main and spare. main: 4 GB. spare: 1 GB",
         "1 cache called main with 4 GB, 1 cache called spare with 1 GB"),
        ("two caches named main and spare with 4GB and 1GB respectively",
         "1 cache called main with 4GB, 1 cache called spare with 1GB"),
        ("2 databases, db-main and db-report, both MySQL 8, the first with 32GB and the second with 8GB",
         "1 MySQL 8 database called db-main with 32GB, 1 MySQL 8 database called db-report with 8GB"),
        ("two postgres 16 databases, a-main and a-rep, the former with 4GB, the latter with 8",
         "1 postgres 16 database called a-main with 4GB, 1 postgres 16 database called a-rep with 8 GB"),
    ],
)  # fmt: skip
def test_each_is_told_by_its_name(said: str, told: str) -> None:
    assert in_portions(said) == told


@pytest.mark.parametrize(
    "said", ["two vms called a1 and b2 with 4GB", "three vms: web, app and db", "2 vms, a and b"]
)
def test_names_alone_stay_as_they_are_said(said: str) -> None:
    assert in_portions(said) == said
