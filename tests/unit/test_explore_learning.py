"""The learning-curve explorer shows what was measured, and says what it shows."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from tpmkit.explore import learning as module
from tpmkit.explore.learning import (
    MODELS,
    NOISES,
    SIZES,
    digits_by_form,
    learning,
    measure,
    measured,
    moves,
)

SETTINGS = list(itertools.product(MODELS, SIZES, NOISES))


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.canvas.image.value)))


def test_every_form_carries_the_same_printed_run_of_digits_once():
    X, y, form = digits_by_form()
    run = [0, 9, 5, 5, 6, 5, 0, 9, 8, 9, 8]
    starts = [i for i in range(len(y)) if y[i : i + len(run)].tolist() == run]
    assert form[starts].tolist() == sorted(set(form.tolist())) == list(range(14))


def test_the_digits_are_those_of_scikit_learn_in_their_order():
    X, y, form = digits_by_form()
    assert (load_digits().data == X * 16).all() and (y == load_digits().target).all()
    assert (np.diff(form) >= 0).all() and X.min() == 0 and X.max() == 1


def test_what_ships_is_what_is_measured():
    fresh = measure(
        np.random.default_rng(5), models=("kernel SVM",), sizes=(200,), noises=(0.2,), repeats=1
    )
    shipped = measured().loc[("kernel SVM", 0.2, 200)]
    assert fresh["train"].item() == pytest.approx(shipped["train"], abs=0.02)
    assert fresh["val"].item() == pytest.approx(shipped["val"], abs=0.03)


def test_the_same_generator_gives_the_same_figures():
    small = {"sizes": (100,), "noises": (0.1,), "repeats": 1, "models": ("kernel SVM",)}
    first, second = (measure(np.random.default_rng(8), **small) for _ in range(2))
    assert first.equals(second)


def test_every_setting_was_measured():
    assert sorted(measured().index) == sorted((model, noise, n) for model, n, noise in SETTINGS)
    assert measured().notna().all(axis=None)


@pytest.mark.parametrize("model", MODELS)
def test_more_digits_and_cleaner_labels_hurt_nobody_beyond_scatter(model):
    val = measured()["val"][model].unstack()
    assert (val.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    assert (val.diff().iloc[1:] < 0.002).all(axis=None)


@pytest.mark.parametrize(("model", "size", "noise"), SETTINGS)
def test_a_step_leads_to_what_was_measured_there(model, size, noise):
    after = moves(model, size, noise)
    val = measured()["val"]
    assert after["now"] == val[model, noise, size]
    assert ("twice the digits" in after) == (size < 1600)
    if size < 1600:
        assert after["twice the digits"] == val[model, noise, 2 * size]
    if noise in (0.1, 0.2, 0.4):
        assert after["half as many wrong labels"] == val[model, noise / 2, size]
    assert ("no wrong labels" in after) == (noise == 0.05)
    assert sum("instead" in step for step in after) == 1


@pytest.mark.parametrize(
    ("model", "size", "noise"),
    [("logistic regression", 300, 0.0), ("kernel SVM", 100, 0.3), ("forest", 100, 0.0)],
)
def test_a_setting_nobody_measured_is_refused_with_the_choices(model, size, noise):
    with pytest.raises(ValueError, match="was not measured; choose from"):
        learning(model, size, noise)


def test_a_target_that_is_no_share_is_refused():
    with pytest.raises(ValueError, match="target must lie between 0 and 1, not at 96"):
        learning(target=96)


def test_the_sentence_says_what_the_table_says(monkeypatch):
    table = measured().copy()
    table.loc[("logistic regression", 0.1, 400)] = [0.8, 0.85]
    table.loc[("logistic regression", 0.1, 800), "val"] = 0.9
    table.loc[("logistic regression", 0.05, 400), "val"] = 0.91
    table.loc[("kernel SVM", 0.1, 400), "val"] = 0.84
    monkeypatch.setattr(module, "measured", lambda: table)
    explorer = learning("logistic regression", 400, 0.1, target=0.95)
    assert explorer.sentence == (
        "With 400 digits, 10% of them labelled wrong, logistic regression reads 85.0% of a new "
        "person's digits right (80.0% of its training labels): 10.0 points short of 95%. One step "
        "on: twice the digits 90.0%, half as many wrong labels 91.0%, kernel SVM instead 84.0%; "
        "half as many wrong labels buys most."
    )


def test_it_says_when_the_target_is_met_and_nothing_is_better():
    said = learning("kernel SVM", 1600, 0.0).sentence
    assert "all labelled right" in said and "at or above the 96% that is needed" in said
    assert said.endswith("none is better.")


@pytest.mark.parametrize(
    ("control", "value"), [("size", 400), ("noise", 0.2), ("model", "kernel SVM")]
)
def test_each_control_moves_picture_and_sentence(control, value):
    explorer = learning("logistic regression", 1600, 0.05)
    before, said = pixels(explorer), explorer.sentence
    getattr(explorer, control).value = value
    assert (pixels(explorer) != before).any() and explorer.sentence != said


def test_a_step_shows_exactly_what_a_full_drawing_shows():
    stepped = learning("logistic regression", 100, 0.4)
    stepped.size.value, stepped.noise.value, stepped.model.value = 1600, 0.0, "kernel SVM"
    assert (pixels(stepped) == pixels(learning("kernel SVM", 1600, 0.0))).all()


def test_the_sentence_reaches_a_live_region():
    explorer = learning()
    explorer.size.value = 200
    (live,) = [w for w in explorer.children if 'role="status"' in str(getattr(w, "value", ""))]
    assert "With 200 digits" in live.value
