"""Every name is one that Kubernetes takes, and no two things share one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.state import StackRef
from alma.engines.kubernetes import names
from alma.engines.kubernetes.settings import KubernetesSettings
from tests.unit.engines.kubernetes import wishes
from tests.unit.engines.kubernetes.wishes import patient

DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
DNS_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
LABEL = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
anything = st.one_of(wishes.names, st.text(min_size=1))


@patient
@given(anything)
def test_a_name_is_legal_for_a_service_whatever_the_blueprint_s_is(address: str) -> None:
    for name in (names.object_name(address), names.pod_name(address)):
        assert len(name) <= 63
        assert DNS_1035.fullmatch(name)


@patient
@given(anything)
def test_a_set_s_name_leaves_room_for_the_hash_of_a_revision(address: str) -> None:
    assert len(names.set_name(address)) <= 52
    assert DNS_1035.fullmatch(names.set_name(address))


@patient
@given(anything, anything)
def test_two_addresses_never_share_a_name(one: str, other: str) -> None:
    if one.lower() == other.lower():
        return
    assert names.object_name(one) != names.object_name(other)
    assert names.set_name(one) != names.set_name(other)
    own = {names.object_name(one), names.pod_name(one), names.companion_name(one, "public")}
    others = {
        names.object_name(other),
        names.pod_name(other),
        names.companion_name(other, "public"),
    }
    assert not own & others


@patient
@given(anything, st.sampled_from(["public", "files", "secret", "claim"]))
def test_a_companion_s_name_is_legal_and_no_address_has_it(address: str, word: str) -> None:
    name = names.companion_name(address, word)
    assert len(name) <= 63
    assert DNS_1035.fullmatch(name)
    assert names.object_name(name) != name


@pytest.mark.parametrize("address", ["web", "web-1", "db-10-data", "Web", "a" * 63])
def test_a_name_that_is_legal_is_taken_so_that_it_is_found_by_it(address: str) -> None:
    assert names.object_name(address) == address.lower()


@pytest.mark.parametrize(
    ("address", "starts"),
    [("web.api", "web-api--"), ("1st", "x-1st--"), ("my_db", "my-db--"), ("web-0", "web-0--")],
)
def test_a_name_that_is_not_stays_readable(address: str, starts: str) -> None:
    assert names.object_name(address).startswith(starts)


def test_an_altered_name_can_t_be_asked_for() -> None:
    altered = names.object_name("web.api")
    assert names.object_name(altered) != altered


@patient
@given(anything)
def test_every_text_is_a_legal_label_and_says_which_it_was(text: str) -> None:
    value = names.label_value(text)
    assert len(value) <= 63
    assert LABEL.fullmatch(value)


@patient
@given(anything, anything)
def test_two_texts_are_never_one_label(one: str, other: str) -> None:
    if one.lower() != other.lower():
        assert names.label_value(one) != names.label_value(other)


@patient
@given(st.text(), st.text())
def test_a_file_s_key_is_legal_and_its_own(one: str, other: str) -> None:
    assert re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", names.data_key(one))
    if one != other:
        assert names.data_key(one) != names.data_key(other)


@pytest.mark.parametrize(
    ("key", "value", "legal"),
    [
        ("tier", "front", True),
        ("example.com/tier", "", True),
        ("tier", "with space", False),
        ("Example.com/tier", "x", False),
        ("a/b/c", "x", False),
        ("-tier", "x", False),
        ("", "x", False),
        ("t" * 64, "x", False),
        ("tier", "v" * 64, False),
    ],
)
def test_what_kubernetes_takes_as_a_label(key: str, value: str, legal: bool) -> None:
    assert names.is_label(key, value) is legal


def ref(name: str, project: str = "default") -> StackRef:
    return StackRef(id="s", name=name, project=project, engine="kubernetes")


def test_a_stack_s_namespace_is_named_like_it() -> None:
    assert names.namespace_of(ref("shop"), KubernetesSettings()) == "shop"


def test_one_namespace_for_all_is_that_of_the_settings() -> None:
    assert names.namespace_of(ref("shop"), KubernetesSettings(namespace="apps")) == "apps"


@patient
@given(wishes.short_names, wishes.short_names, wishes.short_names, wishes.short_names)
def test_stacks_of_two_projects_have_two_namespaces(a: str, b: str, c: str, d: str) -> None:
    one, other = (a.lower(), b.lower()), (c.lower(), d.lower())
    found = [names.namespace_of(ref(name, p), KubernetesSettings()) for p, name in (one, other)]
    assert all(len(name) <= 63 and DNS_1123.fullmatch(name) for name in found)
    if one != other:
        assert found[0] != found[1]
