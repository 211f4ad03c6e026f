"""A wrong configuration is refused at once, in one line that names the key and what is right."""

import re
from typing import Any

import pytest
import yaml

from polystilts.commands.workflow import load
from polystilts.errors import ConfigError
from repository import REPOSITORY
from steps import read_config


def refusal(overlay: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        load(read_config(REPOSITORY, overlay))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("config: `")
    return message


@pytest.mark.parametrize(
    ("overlay", "key", "nearest"),
    [
        ({"studdy": {}}, "studdy", "study"),
        ({"study": {"encodr": "miniature"}}, "study.encodr", "encoder"),
        ({"recipes": {"default": {"rates": 1}}}, "recipes.default.rates", "rate"),
        ({"arms": {"english": {"mlmshare": 0.1}}}, "arms.english.mlmshare", "mlm_share"),
        ({"training": {"mlm": {"batchtokens": 1}}}, "training.mlm.batchtokens", "batch_tokens"),
        (
            {"tasks": {"mnli": {"intermediate": {"epoch": 1}}}},
            "tasks.mnli.intermediate.epoch",
            "epochs",
        ),
        (
            {"encoders": {"miniature": {"pretraining": {"architecture": {"hidden": 9}}}}},
            "encoders.miniature.pretraining.architecture.hidden",
            "hidden_size",
        ),
        (
            {"tasks": {"udpos": {"files": {"dev": {"raeder": "x"}}}}},
            "tasks.udpos.files.dev.raeder",
            "reader",
        ),
        (
            {"sources": {"dictionaries": {"es": [{"file": ["x"]}]}}},
            "sources.dictionaries.es.0.file",
            "files",
        ),
        ({"sources": {"gate": {"scriptshare": 1}}}, "sources.gate.scriptshare", "script_share"),
        ({"miniature": {"document": 9}}, "miniature.document", "documents"),
    ],
)
def test_unknown_key_is_named_with_the_nearest(
    overlay: dict[str, Any], key: str, nearest: str
) -> None:
    message = refusal(overlay)
    assert f"`{key}`: unknown key" in message or f"`{key}`: field required" in message
    assert f"the nearest is `{nearest}`" in message


@pytest.mark.parametrize(
    ("overlay", "key", "nearest"),
    [
        ({"study": {"encoder": "miniatur"}}, "study.encoder", "miniature"),
        ({"study": {"arms": ["english", "codeswitched"]}}, "study.arms[1]", "code-switched"),
        ({"study": {"intermediates": ["mnly"]}}, "study.intermediates[0]", "mnli"),
        ({"study": {"targets": ["xnli", "xnlj"]}}, "study.targets[1]", "xnli"),
        ({"arms": {"code-switched": {"recipe": "minature"}}}, "arms.code-switched.recipe", "mini"),
        ({"tasks": {"xquat": {}}}, "tasks.xquat", "xquad"),
        ({"tasks": {"xnli": {"languages": ["en", "eso"]}}}, "tasks.xnli.languages[1]", "es"),
        ({"recipes": {"default": {"languages": ["esp"]}}}, "recipes.default.languages[0]", "es"),
        ({"recipes": {"default": {"held_out": ["esp"]}}}, "recipes.default.held_out[0]", "es"),
        (
            {"recipes": {"default": {"language_weights": {"esp": 2}}}},
            "recipes.default.language_weights[0]",
            "es",
        ),
        ({"sources": {"dictionaries": {"spa": []}}}, "sources.dictionaries.spa", "es"),
        ({"study": {"languages": ["en", "esp"]}}, "study.languages[1]", "es"),
    ],
)
def test_unknown_name_is_named_with_the_nearest(
    overlay: dict[str, Any], key: str, nearest: str
) -> None:
    message = refusal(overlay)
    assert f"`{key}`: unknown " in message
    assert f"the nearest is `{nearest}" in message or re.search(
        rf"known are .*\b{nearest}", message
    )


@pytest.mark.parametrize("name", ["xnli", "tatoeba"])
def test_a_target_is_not_an_intermediate(name: str) -> None:
    message = refusal({"study": {"intermediates": [name]}})
    assert f"unknown intermediate task `{name}`" in message


@pytest.mark.parametrize(
    ("overlay", "key"),
    [
        ({"study": {"seeds": ["one"]}}, "study.seeds.0"),
        ({"study": {"seeds": [-1]}}, "study.seeds.0"),
        ({"study": {"arms": "english"}}, "study.arms"),
        ({"study": {"targets": []}}, "study.targets"),
        ({"study": {"name": "../elsewhere"}}, "study.name"),
        ({"study": {"name": "Tiny"}}, "study.name"),
        ({"study": None}, "study"),
        ({"keep": "some"}, "keep"),
        ({"recipes": {"default": {"rate": 1.5}}}, "recipes.default.rate"),
        ({"recipes": {"default": {"copies": 0}}}, "recipes.default.copies"),
        ({"recipes": {"default": {"consistency": "shared"}}}, "recipes.default.consistency"),
        ({"recipes": {"default": {"protect": ["nammes"]}}}, "recipes.default.protect.0"),
        ({"recipes": {"default": {"senses": ["best"]}}}, "recipes.default.senses.0"),
        ({"arms": {"english": {"mlm_share": 1.0}}}, "arms.english.mlm_share"),
        ({"arms": {"english": {"treatment": "german"}}}, "arms.english.treatment"),
        ({"arms": {"Englisch": {"treatment": "english"}}}, "arms.Englisch"),
        ({"training": {"fine_tune": {"epochs": 0}}}, "training.fine_tune.epochs"),
        ({"training": {"fine_tune": {"betas": [0.9]}}}, "training.fine_tune.betas.1"),
        ({"tasks": {"mnli": {"sizes": {"test": "all"}}}}, "tasks.mnli.sizes.test"),
        ({"encoders": {"miniature": {"source": None}}}, "encoders.miniature.source"),
        ({"miniature": {"languages": ["es"]}}, "miniature"),
        ({"miniature": {"dev": "many"}}, "miniature"),
    ],
)
def test_wrong_value_is_named(overlay: dict[str, Any], key: str) -> None:
    assert refusal(overlay).startswith(f"config: `{key}`: ")


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ({"base": "miniature", "study": {"name": "sources"}}, "`study.name`: `sources` "),
        ({"arms": {"none": {"treatment": "english"}}}, "`arms.none`: the name belongs to"),
        ({"study": {"languages": ["es", "ru"]}}, "`study.languages`: `en` is missing"),
        ({"study": {"languages": ["en", "de"]}}, "`study.languages`: the miniature has en, es, "),
        ({"study": {"languages": ["en"]}}, "`study.targets[7]`: `bucc` "),
        ({"study": {"intermediates": ["all"]}}, "`study.intermediates`: `all` "),
        ({"arms": {"code-switched": {"recipe": None}}}, "`arms.code-switched.recipe`: "),
        ({"arms": {"english": {"recipe": "default"}}}, "`arms.english.recipe`: "),
        (
            {"recipes": {"miniature": {"languages": ["ar"]}}},
            "`recipes.miniature`: no language of the study has a dictionary",
        ),
        (
            {"recipes": {"miniature": {"held_out": ["es", "ru", "hi"]}}},
            "`recipes.miniature`: no language of the study has a dictionary",
        ),
        (
            {"recipes": {"miniature": {"languages": ["es", "ar"]}}},
            "`recipes.miniature.languages`: `ar` has no dictionary in this study; leave it out",
        ),
        (
            {"recipes": {"miniature": {"held_out": ["ar"]}}},
            "`recipes.miniature.held_out`: `ar` has no dictionary in this study",
        ),
        (
            {"recipes": {"miniature": {"language_weights": {"de": 2}}}},
            "`recipes.miniature.language_weights`: `de` has no dictionary in this study",
        ),
        (
            {"recipes": {"miniature": {"languages": ["es", "ru"], "held_out": ["ru"]}}},
            "`recipes.miniature.held_out`: `ru` is in `languages` too",
        ),
        (
            {"recipes": {"miniature": {"held_out": ["ru"], "language_weights": {"ru": 2}}}},
            "`recipes.miniature.language_weights.ru`: the recipe does not draw `ru`",
        ),
        (
            {"recipes": {"default": {"protect": ["task", "names"]}}},
            "`recipes.default.protect`: `task` stands alone",
        ),
        (
            {"recipes": {"default": {"protect": ["names", "names"]}}},
            "`recipes.default.protect[1]`: `names` is listed twice",
        ),
        ({"recipes": {"default": {"stay": 0.8}}}, "`recipes.default.stay`: needs `language_choice"),
        (
            {"arms": {"code-switched": {"treatment": "identity", "recipe": None}}},
            "`identity` needs",
        ),
        (
            {"encoders": {"miniature": {"pretraining": None}}},
            "`encoders.miniature.pretraining`: missing",
        ),
        (
            {"mirror": "/data", "tasks": {"tydiqa": {"languages": ["en", "zh"]}}}
            | {"study": {"languages": ["en", "zh"], "targets": ["tydiqa"]}},
            "`tasks.tydiqa`: ",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused(overlay: dict[str, Any], said: str) -> None:
    assert said in refusal(overlay)


@pytest.mark.parametrize(
    ("key", "position"),
    [("arms", 2), ("intermediates", 10), ("targets", 9), ("languages", 5)],
)
def test_a_name_listed_twice_is_refused(key: str, position: int) -> None:
    listed = read_config(REPOSITORY)["study"][key]
    message = refusal({"study": {key: [*listed, listed[0]]}})
    assert f"`study.{key}[{position}]`: `{listed[0]}` is listed twice" in message


def test_a_seed_listed_twice_is_refused() -> None:
    assert "`study.seeds`: a seed is listed twice" in refusal({"study": {"seeds": [1, 2, 1]}})


def test_selections_are_known_once_and_led_by_a_zero_shot_one() -> None:
    for names, reason in [
        (["oracle", "last"], "upper bound"),
        (["last", "averaged", "last"], "`last` is listed twice"),
        (["lats"], "input should be 'last'"),
        ([], "at least 1 item"),
    ]:
        message = refusal({"study": {"selections": names}})
        assert message.startswith("config: `study.selections")
        assert reason in message


def test_every_study_that_is_shipped_is_valid() -> None:
    overlays = sorted((REPOSITORY / "studies").glob("*.yaml"))
    assert overlays
    names = []
    for path in overlays:
        config = read_config(REPOSITORY, yaml.safe_load(path.read_text("utf-8")))
        names.append(load(config).study.name)
    assert names == ["mine" if path.stem == "template" else path.stem for path in overlays]


def test_names_of_labels_can_be_set_as_the_readers_error_says() -> None:
    names = {"label_names": {"0": "not_paraphrase", "1": "paraphrase"}}
    files = {"dev": {"reader": "pairs", "files": ["dev-{lang}.tsv"], "options": names}}
    graph = load(read_config(REPOSITORY, {"tasks": {"pawsx": {"files": files}}}))
    splits = graph.study.prepared_splits("pawsx")
    assert next(split.origin.options for split in splits if split.origin.name == "dev") == names
