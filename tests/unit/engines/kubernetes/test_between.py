"""What two resources do to each other is said before a deployment, and nothing else is."""

from __future__ import annotations

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes.between import faults_between
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.unit.engines.kubernetes.wishes import SERVED, SETTINGS, wish

_BALANCER = wish(
    "load_balancer", address="lb", ports=[80], backends=[{"address": "web", "port": 80}]
)
_WEB = wish(address="web", rules=[{"source": "lb"}])
_BEHIND = KubernetesSettings(ingress_class="nginx")


def public(address: str, host: str | None = None) -> DesiredResource:
    return wish(address=address, ports=[80], public=True, options={"host": host} if host else None)


def test_a_rule_about_a_balancer_that_is_a_service_is_warned_of() -> None:
    (fault,) = faults_between([_BALANCER, _WEB], SETTINGS, SERVED)
    assert (fault.path, fault.severity) == ("web.rules", "warning")
    assert "'lb' becomes a Service" in fault.message


def test_a_proxy_is_seen() -> None:
    proxy = _BALANCER.model_copy(
        update={"resource": _BALANCER.resource.model_copy(update={"engine": "haproxy"})}
    )
    assert faults_between([proxy, _WEB], SETTINGS, SERVED) == []


def test_two_that_answer_to_one_name_are_warned_of() -> None:
    (fault,) = faults_between([public("a"), public("b")], _BEHIND, SERVED)
    assert fault.path == "b.options.kubernetes.host"
    assert "every name" in fault.message
    (fault,) = faults_between([public("a", "x.example"), public("b", "x.example")], _BEHIND, SERVED)
    assert "'x.example'" in fault.message


def test_names_of_their_own_and_no_door_are_fine() -> None:
    assert faults_between([public("a", "a.example"), public("b")], _BEHIND, SERVED) == []
    assert faults_between([public("a"), public("b")], SETTINGS, SERVED) == []
