"""What the second of several leaves out is what the first was said to get."""

from __future__ import annotations

import pytest

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.wording.gapped import ungapped


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Dev gets one VM with 2GB of RAM, staging two VMs with 4GB, prod four VMs with 16GB.",
         "dev: one VM with 2GB of RAM. staging: two VMs with 4GB. prod: four VMs with 16GB."),
        ("In staging one VM with 4GB, in production three with 16GB",
         "staging: one VM with 4GB. prod: three VM with 16GB."),
        ("Dev has one web server and a MySQL, while prod has three web servers and two MySQL",
         "dev: one web server and a MySQL. prod: three web servers and two MySQL."),
        ("dev needs 1 VM with 2 cores; prod needs 3 VMs with 8 cores; both need a Postgres",
         "dev: 1 VM with 2 cores, a Postgres. prod: 3 VMs with 8 cores, a Postgres."),
        ("For test we need a container with 1GB memory, for production four of them",
         "testing: a container with 1GB memory. prod: four container."),
        ("Production gets three app servers and a Postgres, QA the same",
         "prod: three app servers and a Postgres. testing: three app servers and a Postgres."),
        ("Prod needs 2 VMs with 4GB; the same again for staging", "prod: 2 VMs with 4GB. staging: 2 VMs with 4GB."),
        ("The gateway tier needs 2 VMs, the application tier 5, the batch tier 1",
         "I need 2 gateway VMs, 5 application VMs, 1 batch VMs."),
        ("the api needs 2 containers with 1GB memory each, the worker 6",
         "I need 2 api containers with 1GB memory each, 6 worker containers."),
        ("Berlin gets a file server with 500GB disk, Hamburg two. Budget 300 a month",
         "I need 1 file server for Berlin with 500GB disk, 2 file server for Hamburg. Budget 300 a month."),
        ("Grafana needs 2 cores, Prometheus 4", "Grafana needs 2 cores, Prometheus with 4 cores"),
        ("Grafana gets 4GB, Prometheus 8 and Loki 16", "Grafana gets 4GB, Prometheus with 8 GB and Loki with 16 GB"),
    ],
)  # fmt: skip
def test_what_was_left_out_is_told(gazetteer: Gazetteer, said: str, told: str) -> None:
    assert ungapped(said, gazetteer) == told


@pytest.mark.parametrize(
    "said",
    [
        "we need 3 VMs, two containers, and a Postgres",
        "the database needs 3 replicas, the cache 2",
        "I want 2 web servers and a Postgres, the web servers with 4GB",
        "the api needs 4GB of memory, the worker 8GB",
        "Nextcloud with 4GB memory and Postgres 15",
        "A Kubernetes cluster has 3 nodes, the database a replica",
        "prod has a VM with 4GB",
    ],
)
def test_what_leaves_nothing_out_stays(gazetteer: Gazetteer, said: str) -> None:
    assert ungapped(said, gazetteer) == said
