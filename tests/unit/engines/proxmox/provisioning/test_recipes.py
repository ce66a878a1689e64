"""Every recipe of the catalogue is complete: it parses, it can be asked from outside, it repeats without harm, and no
secret stands in a command."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from alma.config import load_catalogue
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.engine import EngineTraits
from alma.core.model.errors import InvalidInput
from alma.core.model.software import Distribution, Packages, Software
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import resolve
from alma.engines.proxmox.provisioning.job import SECRETS, job_for

CATALOGUE = load_catalogue()
RECIPES = {id_: entry for id_, entry in CATALOGUE.software.items() if entry.packages.known}
ONLY_AS_AN_IMAGE = {"minio", "mongodb", "kafka", "grafana", "clickhouse", "elasticsearch", "vault"}
GUESTS = EngineTraits(
    resource_types=frozenset(ResourceType),
    images=False,
    separate_networks=False,
    separate_volumes=False,
    separate_firewalls=False,
    clusters=False,
)
PAGE = Path(__file__).parents[5] / "docs" / "engines" / "proxmox-guests.md"
each = pytest.mark.parametrize("entry", RECIPES.values(), ids=RECIPES)


def guest(entry: Software) -> DesiredResource:
    """One guest with that software; two backends where it spreads over some."""
    kind = entry.types[0]
    own: dict[str, object] = {"name": "it", "type": kind.value}
    if kind is ResourceType.KUBERNETES_CLUSTER:
        own["specs"] = {"control_plane": 1, "workers": 1}
    else:
        own["engine"] = entry.id
    resources = [{"name": "web", "type": "service", "count": 2}, own]
    if kind is ResourceType.LOAD_BALANCER:
        own["backends"] = ["web"]
    blueprint = Blueprint.model_validate({"name": "test", "resources": resources})
    made = resolve(blueprint, CATALOGUE, GUESTS).resources
    return next(
        item for item in made if item.software == entry.id and item.address.startswith("it")
    )


def families(recipe: Packages) -> list[Distribution]:
    return [family for family in Distribution if recipe.packages_for(family)]


@each
def test_a_recipe_names_the_service_and_a_check_that_can_be_made_from_outside(
    entry: Software,
) -> None:
    recipe = entry.packages
    assert families(recipe)
    for family in families(recipe):
        assert recipe.service_for(family), family
    assert recipe.health is not None
    assert recipe.health.kind in ("tcp", "http")
    ports = [port.target for port in entry.ports] or [22]
    assert recipe.health.port == ports[0]


@each
def test_a_recipe_with_data_says_where_the_disk_goes(entry: Software) -> None:
    kept = entry.data is not None
    assert kept <= (entry.packages.data is not None)
    if entry.packages.data:
        assert entry.packages.data.startswith("/var/lib/")
        assert entry.storage is not None


@each
def test_every_step_has_a_title_and_a_check_and_is_sound_shell(entry: Software) -> None:
    for step in entry.packages.setup:
        assert step.title
        assert step.unless, step.title
        for text in (step.run, step.unless):
            done = subprocess.run(["sh", "-n", "-c", text], capture_output=True, check=False)
            assert done.returncode == 0, (step.title, done.stderr)


@each
def test_every_file_renders_for_a_guest_and_scripts_are_sound_shell(entry: Software) -> None:
    for file in guest(entry).files:
        if file.secret is not None:
            assert file.path.startswith(f"{SECRETS}/")
            assert file.mode == 0o400
            continue
        assert file.content.endswith("\n"), file.path
        assert "{%" not in file.content
        if file.content.startswith("#!/bin/sh"):
            assert file.mode == 0o755
            done = subprocess.run(
                ["sh", "-n"], input=file.content, text=True, capture_output=True, check=False
            )
            assert done.returncode == 0, (file.path, done.stderr)


@each
def test_no_two_files_of_one_family_have_the_same_place(entry: Software) -> None:
    for family in Distribution:
        paths = [f.path for f in entry.packages.files if f.only in (None, family)]
        assert len(paths) == len(set(paths))
    everywhere = [f.path for f in entry.packages.files]
    assert len(everywhere) == len(set(everywhere)), "owners are found by path"


@each
def test_files_are_absolute_and_owned_and_writable_by_their_owner_only(entry: Software) -> None:
    for file in entry.packages.files:
        assert file.path.startswith("/etc/")
        assert re.fullmatch(r"[a-z-]+(:[a-z-]+)?", file.owner)
        assert not file.mode & 0o022


# A password as an argument is everybody's to read in the guest's list of processes.
ARGUMENT = re.compile(r"(--?p(ass(word)?)?[= ]?|requirepass |-a )\"?\$\(?(password|cat)")


@each
def test_no_command_has_a_secret_as_an_argument(entry: Software) -> None:
    texts = [text for step in entry.packages.setup for text in (step.run, step.unless or "")]
    texts += [file.template for file in entry.packages.files]
    for text in texts:
        assert not ARGUMENT.search(text)
        for line in text.splitlines():
            if f"cat {SECRETS}" in line:
                # Only into a variable; what prints it is a builtin of the shell, or reads standard input.
                assert re.search(r"[a-z]+=", line) or "printf %s" in line, line


@each
def test_a_job_can_be_made_of_it(entry: Software) -> None:
    wanted = guest(entry)
    secrets = {name: f"value-of-{name}" for name in wanted.secret_names}
    job = job_for(wanted, alias="a", host="10.0.0.1", private_key="key", secrets=secrets)
    assert job.recipe == entry.packages
    assert {file.path for file in job.files} >= {file.path for file in entry.packages.files}
    assert {file.path for file in job.files if file.secret} == {
        f"{SECRETS}/{name}" for name in entry.secrets
    }


def test_user_and_database_are_named_as_in_the_image() -> None:
    for id_ in ("postgresql", "mariadb", "mysql", "rabbitmq"):
        scripts = [
            f.content for f in guest(CATALOGUE.software[id_]).files if f.path.endswith(".sh")
        ]
        assert any("user='alma'" in script for script in scripts), id_
        if id_ != "rabbitmq":
            assert any("database='app'" in script for script in scripts), id_


CHOSEN = re.compile(r"env\.([A-Z_]+) \| default|replicaof \{\{ env\.([A-Z_]+)")
HOSTILE = ["a'; reboot; '", 'a"b', "$(reboot)", "`reboot`", "a\nb", "a b;c", "-rf", "", "a\\"]


def chosen() -> list[tuple[str, str]]:
    """Every variable that a file of a recipe takes from the blueprint."""
    found = {
        (id_, name)
        for id_, entry in RECIPES.items()
        for file in entry.packages.files
        for found in CHOSEN.finditer(file.template)
        if (name := found[1] or found[2]) not in ("RATE_LIMIT", "ROUTES", "SCRAPE_TARGETS")
    }
    return sorted(found)


def with_env(id_: str, **more: object) -> None:
    entry = CATALOGUE.software[id_]
    resource = {"name": "it", "type": entry.types[0].value, "engine": id_, **more}
    blueprint = Blueprint.model_validate({"name": "test", "resources": [resource]})
    resolve(blueprint, CATALOGUE, GUESTS)


@pytest.mark.parametrize(("id_", "name"), chosen())
def test_no_value_of_a_blueprint_becomes_a_command_or_a_line_of_its_own(
    id_: str, name: str
) -> None:
    several = name.endswith("_REPLICAOF")  # of which each is a word, on the same line
    for value in [value for value in HOSTILE if not (several and value == "a\nb")]:
        with pytest.raises(InvalidInput, match=rf"'it': .*{name}\b.* is written"):
            with_env(id_, env={name: value})
    with_env(id_, env={name: "plain-1.word"})


@pytest.mark.parametrize("version", HOSTILE[:4])
def test_no_version_becomes_a_command(version: str) -> None:
    with pytest.raises(InvalidInput, match="version is written"):
        with_env("k3s-server", version=version)


def test_what_no_distribution_has_stays_an_image() -> None:
    assert ONLY_AS_AN_IMAGE.isdisjoint(RECIPES)


def test_a_load_balancer_in_a_guest_spreads_over_the_same_backends_as_the_image() -> None:
    (config,) = (f.content for f in guest(CATALOGUE.software["haproxy"]).files)
    assert "server web web:80" in config
    assert "server web-2 web-2:80" in config
    assert "user haproxy" in config, "it starts as root there, and must not stay it"


def test_nodes_of_a_cluster_share_the_token_of_the_first_and_join_it() -> None:
    server, agent = guest(CATALOGUE.software["k3s-server"]), guest(CATALOGUE.software["k3s-agent"])
    tokens = {f.secret for node in (server, agent) for f in node.files if f.path.endswith("/token")}
    assert len(tokens) == 1
    (config,) = (f.content for f in agent.files if f.path.endswith("config.yaml"))
    assert "server: https://it:6443" in config
    assert all("server: https://" not in f.content for f in server.files)


def test_the_page_lists_what_there_is_a_recipe_for() -> None:
    assert table() in PAGE.read_text(), f"the table of {PAGE.name} should be:\n{table()}"


def table() -> str:
    """The table of the page, from the catalogue."""
    rows = ["| software | Debian, Ubuntu | Alpine | service | data | asked from outside |"]
    rows.append("|---|---|---|---|---|---|")
    for id_, entry in RECIPES.items():
        recipe, health = entry.packages, entry.packages.health
        assert health is not None
        asked = f"{health.kind} {health.port}" + (health.path if health.kind == "http" else "")
        service = (recipe.service or "").replace("|", " or ")
        if recipe.alpine_service:
            service += f" (Alpine: {recipe.alpine_service})"
        cells = [
            f"`{id_}`",
            " ".join(recipe.debian) or "–",
            " ".join(recipe.alpine) or "–",
            service,
            f"`{recipe.data}`" if recipe.data else "–",
            asked,
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"
