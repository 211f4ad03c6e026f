"""Values are found where they stand in a JSON text, and replaced without touching the rest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.codeswitch.files.json_spans import (
    Edit,
    MalformedError,
    Node,
    Value,
    find_row,
    quoted,
    splice,
)

keys = st.sampled_from(["a", "b", "c", "a.b", 'q"uote', "ü"])
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=5)
styles = st.sampled_from([{}, {"indent": 1}, {"ensure_ascii": False}, {"separators": (",", ":")}])


def plain(node: Node) -> Any:
    """Return the values of a node, as Python has them."""
    if isinstance(node, Value):
        return node.value
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    return [plain(item) for item in node]


@given(objects, styles)
def test_values_are_found_as_python_reads_them(record: dict[str, Any], style: Any) -> None:
    text = json.dumps(record, **style)
    found, end = find_row(text, {"a": {}, "b": {}, "ü": {}})
    assert end == len(text)
    wanted = {key: value for key, value in record.items() if key in ("a", "b", "ü")}
    assert {key: plain(node) for key, node in found.items()} == wanted


@given(objects, styles, st.text())
def test_a_replaced_string_leaves_the_rest_as_it_is(
    record: dict[str, Any], style: Any, new: str
) -> None:
    text = json.dumps({"first": 1.50, **record, "a": "before", "last": None}, **style)
    found, _ = find_row(text, {"a": {}})
    node = found["a"]
    assert isinstance(node, Value)
    changed = splice(text, [Edit(node.start, node.end, quoted(new))])
    assert json.loads(changed) == {**json.loads(text), "a": new}
    assert changed.startswith(text[: node.start]) and changed.endswith(text[node.end :])


@given(objects, st.data())
def test_a_text_that_is_cut_off_is_refused(record: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps({**record, "a": [1, "x"]})
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(MalformedError):
        find_row(text[:cut], {"a": {}, "b": {"c": {}}})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"a": 1} x', "more text"),
        ('{"a": 1,}', "key in double quotes"),
        ('{"a" 1}', "expected :"),
        ('{"a": [1 2]}', "expected , or ]"),
        ('{"a": tru}', "Expecting value"),
        ('{"x": ' + "9" * 5000 + "}", "number cannot be read"),
        ('{"x": ' + "[" * 100_000, "nested too deep"),
        ('{"a": ' + "[" * 100_000, "nested too deep"),
        ("[1]", "one JSON object a line"),
    ],
)
def test_what_is_refused_says_why(text: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        find_row(text, {"a": {}})


def test_a_key_that_nobody_asked_for_may_stand_twice() -> None:
    found, _ = find_row('{"x": 1, "a": 2, "x": 3}', {"a": {}})
    assert plain(found) == {"a": 2}
