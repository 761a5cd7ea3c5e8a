"""The models: which comparisons they make, their JSON, and that another's is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from almoner.kernel.errors import CalculationError
from almoner.linkage.comparisons import COMPARISONS
from almoner.linkage.model import models_from_json, models_to_json, untrained_models
from tests.unit.linkage.mentions import HOME, groups, mention, run


def test_json_round_trip() -> None:
    models = untrained_models(COMPARISONS)
    assert models_from_json(models_to_json(models)) == json.loads(json.dumps(models))


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda each: each.name)
def test_starting_probabilities_add_up(comparison) -> None:  # type: ignore[no-untyped-def]
    for model in comparison.models:
        pairs = [getattr(level, model) for level in comparison.levels]
        assert sum(m for m, _ in pairs) == pytest.approx(1, abs=0.02)
        assert sum(u for _, u in pairs) == pytest.approx(1, abs=0.02)
        assert all(0 < probability < 1 for pair in pairs for probability in pair)


def test_words_and_values_of_levels_go_both_ways() -> None:
    for comparison in COMPARISONS:
        words = [level.word for level in comparison.levels]
        assert len(set(words)) == len(words), comparison.name
        assert [comparison.word(comparison.gamma(word)) for word in words] == words
        assert comparison.word(-1) == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 99, "models": {}}',
        models_to_json(untrained_models(COMPARISONS)).replace("surname_l = surname_r", "town_l = town_r"),
        models_to_json(untrained_models(COMPARISONS)).replace(
            '"output_column_name": "sex"', '"output_column_name": "town"'
        ),
    ],
    ids=["empty", "no model", "another format", "other levels", "another column"],
)
def test_a_model_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(CalculationError, match="does not fit"):
        run([mention("h.p/1", "ADAM TALWICK", **HOME)], model_json=text)


def test_only_columns_that_hold_something_are_compared() -> None:
    rows = [mention(f"h.p/{n}", "ZAINAB TALWICK", "1980-05-06") for n in range(2)]
    outcome = run(rows)
    made = json.loads(outcome.model_json)["models"]["anywhere"]["comparisons"]
    assert [each["output_column_name"] for each in made] == ["forename", "surname", "birth"]


def test_a_model_given_is_the_model_used() -> None:
    rows = [
        mention("h.p/1", "ZAINAB TALWICK", "1980-05-06", sex="F"),
        mention("r.t/1", "ZAINAB TALWICK", "1980-05-06"),
    ]
    model = run(rows).model_json
    assert run(rows, model_json=model).model_json == model
    assert len(groups(run(rows, model_json=model))) == 1
    strict = json.loads(model)
    strict["models"]["anywhere"]["probability_two_random_records_match"] = 1e-9
    assert len(groups(run(rows, model_json=json.dumps(strict)))) == 2


TWICE = [
    mention("h.p/1", "ZAINAB TALWICK", "1980-05-06", **HOME),
    mention("r.t/1", "ZAINAB TALWICK", "1980-05-06"),
]


def strict_model() -> dict[str, Any]:
    """Give the model of a run that joined the two, changed so that it would not."""
    model: dict[str, Any] = json.loads(run(TWICE).model_json)
    model["models"]["anywhere"]["probability_two_random_records_match"] = 1e-12
    return model


def test_the_model_of_the_last_run_serves_while_it_compares_all_that_is_held() -> None:
    earlier = strict_model()
    again = run(TWICE, earlier_model_json=json.dumps(earlier))
    assert len(groups(again)) == 2
    assert json.loads(again.model_json) == earlier


def test_the_model_of_the_last_run_makes_way_when_another_column_is_held() -> None:
    rows = [row | {"sex": "F"} for row in TWICE]
    assert len(groups(run(rows, earlier_model_json=json.dumps(strict_model())))) == 1


def test_the_model_of_another_version_makes_way() -> None:
    earlier = strict_model() | {"format": 0}
    assert len(groups(run(TWICE, earlier_model_json=json.dumps(earlier)))) == 1


def test_a_missing_column_is_said() -> None:
    import pyarrow as pa

    from almoner.linkage import LinkSettings, link

    with pytest.raises(CalculationError, match="surname"):
        link(pa.table({"dataset": ["a.b"]}), previous=None, decisions=(), settings=LinkSettings(), seed=1)
