"""What is written can be read again, by ALMA's reader and by a YAML 1.1 reader's rules, and amounts keep their form."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alma.core.model.blueprint import Blueprint
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.document import dump_yaml, parse_blueprint, parse_text
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.plain import json_positions
from alma.core.model.yaml_reader import read_yaml
from alma.core.model.yaml_writer import write_yaml

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
LOOKALIKES = (
    "yes NO on ~ null 1 1.5 1e5 0x1F 012 1_000 12:30:45 2024-01-01 .inf .nan - -- --- ... ? : "
    "# a# a:b << = ! & * @ ` % +1 0b1 |a #b|a: b| a|a |a\nb|a\n|\n|a\n\nb\n| a\nb|a\n b|a\tb|a  b|\ufeff|"
)
tricky = st.sampled_from(
    LOOKALIKES.partition("|")[0].split() + LOOKALIKES.partition("|")[2].split("|")
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
    | tricky
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | tricky, inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(words | tricky, values, min_size=1, max_size=4)

units = st.sampled_from(["B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "Ki", "M", "G"])
sizes = st.builds(
    "{}{}{}".format, st.integers(1, 4000), st.sampled_from(["", " "]), units
) | st.builds("{}.5{}".format, st.integers(0, 400), st.sampled_from(["kB", "MB", "GiB", "TB"]))
names = st.from_regex(r"\A[a-z][a-z0-9-]{0,20}[a-z]\Z")


@st.composite
def blueprints(draw: st.DrawFn) -> Blueprint:
    found = draw(st.lists(names, max_size=4, unique=True))
    resources = []
    for name in found:
        entry: dict[str, Any] = {"name": name, "type": draw(st.sampled_from(["vm", "container"]))}
        if draw(st.booleans()):
            entry["specs"] = {
                "cpu": draw(st.sampled_from([1, 0.5, "500m", 8])),
                "memory": draw(sizes),
            }
        if draw(st.booleans()):
            entry["network"] = {
                "ports": draw(st.lists(st.integers(1, 65535), max_size=3, unique=True))
            }
        if draw(st.booleans()):
            entry["env"] = {"A": draw(words | tricky), "B": {"secret": f"{name}.password"}}
        entry["labels"] = draw(st.dictionaries(words, words | tricky, max_size=2))
        resources.append(entry)
    metadata = draw(st.dictionaries(words, values, max_size=3))
    return parse_blueprint(
        {"name": draw(words) or "x", "resources": resources, "metadata": metadata}
    )


@given(documents)
def test_every_document_comes_back_as_it_was(document: dict[str, Any]) -> None:
    assert read_yaml(write_yaml(document)) == document


@given(documents)
@settings(max_examples=50)
@example({"tiny": 5e-324, "list": [-1e-07, 1e16, 2.5e20]})
def test_a_general_yaml_reader_agrees(document: dict[str, Any]) -> None:
    for version in ("1.1", "1.2"):
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        assert reader.load(write_yaml(document)) == document


@given(blueprints())
def test_a_blueprint_survives_being_written_and_read(blueprint: Blueprint) -> None:
    again = parse_text(dump_yaml(blueprint))
    assert again.dump() == {"version": "1.0", **blueprint.dump()}
    assert again == blueprint


@given(sizes)
def test_amounts_are_shown_as_they_were_written(size: str) -> None:
    data = {"name": "a", "resources": [{"name": "w", "type": "vm", "specs": {"memory": size}}]}
    again = parse_text(dump_yaml(parse_blueprint(data))).resources[0].specs.memory
    assert str(again) == size


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_a_blueprint_or_an_error_with_a_place(text: str | bytes) -> None:
    assert all(item.line for item in diagnostics_of(text))


def diagnostics_of(text: str | bytes) -> tuple[Diagnostic, ...]:
    try:
        parse_text(text)
    except BlueprintInvalid as error:
        return error.diagnostics
    return ()


@given(documents, st.sampled_from([None, 1, 2]))
def test_every_key_and_item_of_a_json_text_is_found_where_it_stands(
    document: dict[str, Any], indent: int | None
) -> None:
    text = json.dumps(document, indent=indent)
    lines = text.split("\n")
    for location, (line, column) in json_positions(text).items():
        rest = lines[line - 1][column - 1 :]
        key = location[-1]
        if isinstance(key, str):
            assert rest.startswith(json.dumps(key))
        else:
            assert rest
