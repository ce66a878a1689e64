"""What is sent is the same text to who reads JSON and to who reads YAML."""

from __future__ import annotations

import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alma.engines.kubernetes.client.encoding import encoded
from tests.unit.engines.kubernetes.wishes import patient


def as_yaml(data: bytes) -> object:
    return YAML(typ="safe", pure=True).load(io.StringIO(data.decode()))


@patient
@given(st.dictionaries(st.text(max_size=5), st.text(), max_size=3))
def test_any_text_is_read_as_it_was_written(body: dict[str, str]) -> None:
    assert msgspec.json.decode(bytes(encoded(body))) == body


@pytest.mark.parametrize(
    "text",
    [
        "\x7f",
        "a\x85b",
        "\x9f",
        "one\u2028two\u2029three",
        "\ufeff",
        "\uffff",
        "😀 ü 'x' \"y\" \\ \n\t",
    ],
)
def test_what_yaml_reads_otherwise_is_written_by_its_number(text: str) -> None:
    assert as_yaml(bytes(encoded({"a": text}))) == {"a": text}
