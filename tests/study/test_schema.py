"""The exported JSON Schema: current, valid, and about the same configurations as the models."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml

from repository import REPOSITORY, Workspace
from steps import read_config

COMMITTED = "workflow/schemas/config.schema.json"
# what may be written there is said by the type alone
SELF_EVIDENT = ("boolean", "integer", "number", "null")


@pytest.fixture(scope="module")
def exported() -> str:
    return Workspace(REPOSITORY).polystilts("schema").stdout


@pytest.fixture(scope="module")
def schema(exported: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(exported)
    return loaded


def test_the_committed_schema_is_current(exported: str) -> None:
    cure = f"the configuration changed; run: polystilts schema > {COMMITTED}"
    assert (REPOSITORY / COMMITTED).read_text("utf-8") == exported, cure


def test_it_is_a_valid_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_it_accepts_the_configurations_that_are_shipped(schema: dict[str, Any]) -> None:
    jsonschema.validate(read_config(REPOSITORY), schema)
    for path in (REPOSITORY / "studies").glob("*.yaml"):
        overlay = yaml.safe_load(path.read_text("utf-8"))
        jsonschema.validate(read_config(REPOSITORY, overlay), schema)


@pytest.mark.parametrize(
    "overlay",
    [
        {"studdy": {}},
        {"study": {"encodr": "miniature"}},
        {"study": {"seeds": ["one"]}},
        {"study": {"name": "../elsewhere"}},
        {"recipes": {"default": {"rate": 1.5}}},
        {"training": {"fine_tune": {"epochs": 0}}},
    ],
)
def test_it_refuses_what_the_workflow_refuses(
    schema: dict[str, Any], overlay: dict[str, Any]
) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read_config(REPOSITORY, overlay), schema)


def test_every_key_says_what_it_is(schema: dict[str, Any]) -> None:
    unexplained = [where for where, field in _fields(schema) if not _is_explained(field)]
    assert unexplained == []


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for model in (schema, *schema["$defs"].values()):
        for name, field in model.get("properties", {}).items():
            yield f"{model['title']}.{name}", field


def _is_explained(field: dict[str, Any]) -> bool:
    if "description" in field or "$ref" in field or "enum" in field:
        return True
    if "anyOf" in field:
        return all(map(_is_explained, field["anyOf"]))
    if field.get("type") == "object":
        values = field.get("additionalProperties")
        patterns = field.get("patternProperties", {}).values()
        return all(map(_is_explained, patterns)) if patterns else _is_explained(values or {})
    if field.get("type") == "array" and "items" in field:
        return _is_explained(field["items"])
    return field.get("type") in SELF_EVIDENT
