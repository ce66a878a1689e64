"""First requests in ordinary words: what runs and what it runs on is one thing, and all that was wanted is made."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Resource
from tests.unit.core.language.conversing import drafted


def told(resource: Resource) -> str:
    return f"{resource.type} {resource.name} {resource.specs.memory}"


def made(interpreter: Interpreter, message: str) -> str:
    """What is made but load balancers, which are added by themselves, by its kind and name."""
    resources = drafted(interpreter, message).resources
    return ", ".join(sorted(f"{r.type} {r.name}" for r in resources if r.type != "load_balancer"))


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("run a Counter-Strike server on a VM with a public address, 4 cpu / 4gb", "vm game-1"),
        ("a web server on two VMs with 4GB each", "vm web-1, vm web-2"),
        ("2 web servers on 2 VMs", "vm web-1, vm web-2"),
        ("a vm as gitlab runner w/ 8 cores, 32GB", "vm runner-1"),
        ("one LXC as our dns server with 512MB", "container dns-1"),
        ("a vm as jenkins server, 8GB", "vm jenkins-1"),
        ("WordPress on a 4GB VM with MySQL", "database db-1, vm wordpress-1"),
        ("Forum with Discourse on an 8GB VM, postgres 15", "database db-1, vm discourse-1"),
        ("An online shop with WooCommerce on a VM and MariaDB", "database db-1, vm woocommerce-1"),
        ("shop with Magento and MySQL", "database db-1, service magento-1"),
        ("docker host please - vm, debian, 8 cores, 32GB ram", "vm vm-1"),
        ("a build server (lxc, 4 cores)", "container runner-1"),
        ("mail server - vm, debian, 2 cores", "vm mail-1"),
        ("redis in an lxc", "container redis-1"),
        ("three web servers and a mysql on its own vm", "database db-1, vm web-1, vm web-2, vm web-3"),
        ("grafana and postgres, each in its own LXC", "container grafana-1, container postgresql-1"),
        # near misses: these are things beside each other
        ("a web server, a vm and a database", "database db-1, vm vm-1, vm web-1"),
        ("a game server and a VM with 4GB", "vm game-1, vm vm-1"),
        ("grafana and prometheus on a VM", "service grafana-1, service prometheus-1, vm vm-1"),
    ],
)  # fmt: skip
def test_what_runs_is_the_machine_that_it_runs_on(
    interpreter: Interpreter, message: str, wanted: str
) -> None:
    assert made(interpreter, message) == wanted


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Rails app with 2 web VMs and 3 workers, postgres",
         "database db-1, vm web-1, vm web-2, vm worker-1, vm worker-2, vm worker-3"),
        ("Laravel app with two web servers and a worker", "vm web-1, vm web-2, vm worker-1"),
        ("Backend for an iphone app, 3 api VMs and postgres",
         "database db-1, vm api-1, vm api-2, vm api-3"),
        ("API that handles 500 requests per second, two servers behind a load balancer",
         "vm api-1, vm api-2"),
        ("Backend for our shop, two servers behind a load balancer", "vm backend-1, vm backend-2"),
        ("web app with 2 workers and a postgres", "database db-1, vm web-1, vm worker-1, vm worker-2"),
        ("API and 2 worker VMs", "vm api-1, vm worker-1, vm worker-2"),
    ],
)  # fmt: skip
def test_an_app_is_the_machines_that_serve_it(
    interpreter: Interpreter, message: str, wanted: str
) -> None:
    assert made(interpreter, message) == wanted


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Redis as the cache in front of postgres, then two api servers on top",
         "cache cache-1, database db-1, vm api-1, vm api-2"),
        ("varnish in front of wordpress", "cache cache-1, service wordpress-1"),
        ("two app servers on top of mysql", "database db-1, vm app-1, vm app-2"),
        ("Elasticsearch for search, Redis for caching and MySQL 8",
         "cache cache-1, database db-1, database db-2"),
        ("a cache in front of the database", "cache cache-1"),
    ],
)  # fmt: skip
def test_what_stands_in_front_of_it_hides_nothing(
    interpreter: Interpreter, message: str, wanted: str
) -> None:
    assert made(interpreter, message) == wanted


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("staging and production for our Node app, each with its own VM and its own Postgres",
         "db-prod db-staging vm-prod vm-staging"),
        ("a dev and a prod environment, each with its own VM and mysql", "db-dev db-prod vm-dev vm-prod"),
        ("two environments, staging and production: each gets a VM and a redis",
         "cache-prod cache-staging vm-prod vm-staging"),
        ("dev and prod environments with one VM and a postgres each", "db-dev db-prod vm-dev vm-prod"),
        ("For production I want 2 app VMs and for staging only 1, all of them Ubuntu",
         "app-prod-1 app-prod-2 app-staging"),
        ("2 web VMs for production and one for staging", "web-prod-1 web-prod-2 web-staging"),
        ("prod needs 2 api servers, staging just one", "api-prod-1 api-prod-2 api-staging"),
        ("2 containers in production and 2 in test, on proxmox",
         "container-prod-1 container-prod-2 container-test-1 container-test-2"),
    ],
)  # fmt: skip
def test_each_environment_has_what_was_said_for_it(
    interpreter: Interpreter, message: str, names: str
) -> None:
    resources = drafted(interpreter, message).resources
    found = sorted(r.name for r in resources if r.type != "load_balancer")
    assert " ".join(found) == names


@pytest.mark.parametrize(
    "message",
    [
        "3 VMs called red, blue and green, 4GB each, green should have 16GB",
        "3 VMs called red, blue and green, 4GB each, green with 16GB",
        "3 VMs called red, blue and green with 4GB each. Green gets 16GB",
        "3 VMs called red, blue and green, 4GB each but green needs 16GB instead",
    ],
)
def test_a_name_told_again_is_told_of_that_one(interpreter: Interpreter, message: str) -> None:
    found = [told(resource) for resource in drafted(interpreter, message).resources]
    assert sorted(found) == ["vm blue 4GB", "vm green 16GB", "vm red 4GB"]


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("3 LXC containers - dns, dhcp and ntp - with one core each", "dhcp dns ntp"),
        ("two VMs: gitlab and grafana", "gitlab grafana"),
        ("4 containers named a1, b1, c1 and d1, 1GB each but d1 needs 4GB", "a1 b1 c1 d1"),
    ],
)
def test_what_is_listed_behind_a_number_is_called_so(
    interpreter: Interpreter, message: str, names: str
) -> None:
    assert " ".join(sorted(r.name for r in drafted(interpreter, message).resources)) == names


@pytest.mark.parametrize(
    ("message", "public"),
    [
        ("Only the load balancer should have a public IP; the three app VMs and the Postgres stay private.",
         "load_balancer"),
        ("Only the bastion gets a public IP, the two app servers and the mysql are internal", "bastion-1"),
        ("One load balancer with a public IP, everything else private: 3 app VMs and a Postgres",
         "load_balancer"),
        ("two api servers and a postgres. Just the nginx is exposed to the internet", "nginx-1"),
        ("the load balancer is the only one with a public ip, behind it 2 app vms and a mysql",
         "load_balancer"),
    ],
)  # fmt: skip
def test_what_alone_is_public_is_made_and_the_rest_as_well(
    interpreter: Interpreter, message: str, public: str
) -> None:
    resources = drafted(interpreter, message).resources
    assert sum(r.type == "vm" for r in resources) > 1
    assert any(r.type == "database" for r in resources)
    assert all(public in {r.name, str(r.type)} for r in resources if r.network.public_ip)


@pytest.mark.parametrize(
    "message",
    [
        "Sonarr, Radarr and Jellyfin as docker services please",
        "Use Docker to start a Postgres 14 and an Adminer",
        "Let's use Docker: redis, rabbitmq",
        "let docker run a mongo and mongo-express",
        "I want to use docker to run vaultwarden",
        "Using Docker I'd like a mysql 8",
        "dockerized gitea with postgres",
        "a docker service for paperless",
        "home assistant under docker",
    ],
)
def test_docker_named_as_the_means_is_the_target(interpreter: Interpreter, message: str) -> None:
    assert interpreter.interpret(message).engine == "docker"
    assert not any(resource.type == "vm" for resource in drafted(interpreter, message).resources)


@pytest.mark.parametrize("message", ["a docker host with 8GB", "a docker registry"])
def test_docker_may_be_what_is_made(interpreter: Interpreter, message: str) -> None:
    assert drafted(interpreter, message).resources
    assert interpreter.interpret(message).engine is None


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Deploy Uptime Kuma so I can see when my sites go down", "service uptime-kuma-1"),
        ("deploy gatus to tell us when the shop is offline", "service gatus-1"),
        ("Paperless-ngx please, it has to scan our invoices", "service paperless-ngx-1"),
        ("Gitea please, our team has outgrown GitHub", "service gitea-1"),
        ("gitea please, it needs a postgres", "database db-1, service gitea-1"),
        ("I host WordPress for clients. One WordPress with a MySQL database to begin with",
         "database db-1, service wordpress-1"),
        ("We develop apps for hospitals. Please set up a GitLab on a VM", "vm gitlab-1"),
        ("We need a VM for backups. And a postgres.", "database db-1, vm vm-1"),
    ],
)  # fmt: skip
def test_what_it_is_good_for_is_only_told(
    interpreter: Interpreter, message: str, wanted: str
) -> None:
    assert made(interpreter, message) == wanted


@pytest.mark.parametrize(
    "message", ["deploy it once the tests pass", "deploy it so we can test when it is ready"]
)
def test_a_condition_is_still_asked_about(interpreter: Interpreter, message: str) -> None:
    read = interpreter.interpret(message)
    assert read.question
    assert not read.edits


@pytest.mark.parametrize(
    "message",
    [
        "a mysql, and make a copy of it every night",
        "one mysql and save a copy of the database every night",
        "one mysql database, copied every night",
    ],
)
def test_a_copy_every_night_is_a_backup(interpreter: Interpreter, message: str) -> None:
    (database,) = drafted(interpreter, message).resources
    assert database.backup is not None
    assert database.backup.schedule == "daily"


def test_the_next_project_is_called_nothing(interpreter: Interpreter) -> None:
    assert interpreter.interpret("we need some infrastructure for our next project").question
