"""Tables are read by their headings, or by the shape of their cells; text that only looks like one is left alone."""

from __future__ import annotations

import re

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.language.wording.columns import as_wishes
from tests.unit.core.language.conversing import drafted

BARS = (
    "Host | vCPU | RAM | Disk\n---|---|---|---\napp01 | 2 | 4GB | 40GB\ndata01 | 4 | 16GB | 200GB"
)
SPACES = "role       qty  cores  ram\nweb        2    2      4G\nworker     3    4      8G\nmysql      1    4      16G"
CELLS = "frontend,2,1GB\nbackend,3,2GB\npostgres,1,8GB"


def test_a_column_of_hosts_names_machines(interpreter: Interpreter) -> None:
    found = {
        r.name: (r.specs.cpu, str(r.specs.memory)) for r in drafted(interpreter, BARS).resources
    }
    assert found == {"app01": (2, "4GB"), "data01": (4, "16GB")}


@pytest.mark.parametrize("message", [SPACES, re.sub(" {2,}", "\t", SPACES)])
def test_rows_say_how_many_of_what_and_how_big(interpreter: Interpreter, message: str) -> None:
    found = [
        (r.name.partition("-")[0], r.specs.cpu, str(r.specs.memory))
        for r in drafted(interpreter, message).resources
    ]
    assert found.count(("worker", 4, "8GB")) == 3
    assert found.count(("web", 2, "4GB")) == 2
    assert found.count(("db", 4, "16GB")) == 1


def test_without_a_heading_the_shape_of_the_cells_tells(interpreter: Interpreter) -> None:
    sizes = [str(r.specs.memory) for r in drafted(interpreter, CELLS).resources if r.specs.memory]
    assert sorted(sizes) == ["1GB", "1GB", "2GB", "2GB", "2GB", "8GB"]


@pytest.mark.parametrize(
    "message",
    [
        "2 web servers, a postgres database, a redis cache",
        "Hi,\nwe need two servers, a database, and a cache\nthanks, Jo, ext. 22",
        "- nginx, 2GB, public\n- redis, small, private",
    ],
)
def test_what_is_no_table_stays_as_it_is(message: str) -> None:
    assert as_wishes(message, lambda word: True) == message
