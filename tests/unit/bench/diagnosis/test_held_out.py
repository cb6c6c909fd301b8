"""Held-out scripts are made from the tree, the same each time, and each knows what it is due."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bench.diagnosis.breakage import BREAKAGES, broken
from bench.diagnosis.held_out import (
    CAP,
    OTHERS_CAP,
    SLOW_CAP,
    held_out,
    mutated,
    plans,
    restyled,
    right_scripts,
)
from bench.diagnosis.lesson import MUTATIONS, RESTYLES
from tests.fakes import LAB_ROOT
from tests.lab.corpus import CATALOGUE
from verifier.lab.catalogue import load_catalogue
from verifier.lab.load import load_labs
from verifier.lab.stage import STAGES

if TYPE_CHECKING:
    from bench.diagnosis.breakage import Breakage
    from bench.diagnosis.held_out import HeldOutSet
    from bench.diagnosis.mutation import Mutation

LAB = load_labs(LAB_ROOT)["forward-backward"]
RIGHT = right_scripts(LAB)
REFERENCE = RIGHT["forward-backward-lab"]
EVERY_MUTATION = [each for some in MUTATIONS.values() for each in some]


@pytest.fixture(scope="module")
def made() -> HeldOutSet:
    """Make them all, once."""
    return held_out(LAB)


def _restyled(name: str, text: str) -> str | None:
    """Restyle a piece of a script."""
    (restyle,) = (each for each in RESTYLES if each.name == name)
    made = restyled(text.encode(), [restyle])
    return None if made is None else made.decode()


def _mutated(name: str, text: str) -> str | None:
    (mutation,) = (each for each in EVERY_MUTATION if each.name == name)
    made = mutated(text.encode(), mutation)
    return None if made is None else made.decode()


def test_there_are_enough_of_enough_kinds(made: HeldOutSet) -> None:
    """Every stage, nearly every diagnosis, none of them too often."""
    counts = Counter((each.exercise, each.diagnosis) for each in made.scripts)
    baseline = {name: n for (exercise, name), n in counts.items() if exercise == "baseline"}

    assert len(made.scripts) >= 300
    assert len({each.diagnosis for each in made.scripts}) >= 45
    assert {each.stage for each in made.scripts} == set(STAGES)
    assert max(baseline.values()) == CAP
    assert baseline["endless-loop"] == SLOW_CAP
    assert min(baseline[name] for name in baseline if name != "endless-loop") >= CAP // 2
    assert all(n <= 3 * OTHERS_CAP for (exercise, _), n in counts.items() if exercise != "baseline")


def test_the_same_scripts_are_made_each_time() -> None:
    """A figure can be measured again."""
    first = held_out(LAB, cap=1).scripts

    assert held_out(LAB, cap=1).scripts == first


def test_another_draw_meets_other_styles() -> None:
    """Whoever has mended the misses of one set measures on another."""
    one, other = (held_out(LAB, cap=1, draw=draw).scripts for draw in (0, 1))
    again = {each.source for each in one} & {each.source for each in other}

    assert len(again) < len(one) / 3


def test_none_is_there_twice_or_was_there_before(made: HeldOutSet) -> None:
    """What the rules were written against would show nothing."""
    sources = [each.source for each in made.scripts]
    known = {path.read_bytes() for path in (LAB.folder / "mistakes").glob("*.py")}
    known |= set(RIGHT.values())

    assert len(set(sources)) == len(sources)
    assert len({each.name for each in made.scripts}) == len(sources)
    assert not known & set(sources)


def test_each_is_due_a_diagnosis_of_its_own_stage(made: HeldOutSet) -> None:
    """By construction: the mutation's, or that of the hand-written mistake."""
    for each in made.scripts:
        assert CATALOGUE.wordings[each.diagnosis].stage is each.stage, each.name
        assert set(each.also) <= CATALOGUE.wordings.keys() - {each.diagnosis}, each.name
        if each.mistake is not None:
            assert each.diagnosis == each.mistake.diagnosis
            assert each.exercise == each.mistake.exercise


def test_every_style_and_every_restyle_takes_part(made: HeldOutSet) -> None:
    """Each of them is tried on what the rules must tell."""
    parts = {part for each in made.scripts for part in each.name.split("--")}

    assert {each.name for each in RESTYLES} <= parts
    assert RIGHT.keys() <= parts


def test_mutations_have_names_of_their_own_and_known_diagnoses() -> None:
    """A name in a list of misses leads to one mutation."""
    names = [each.name for each in EVERY_MUTATION]
    names += [each.name for each in BREAKAGES]
    names += [each.name for each in RESTYLES]

    assert len(set(names)) == len(names)
    for stage, some in MUTATIONS.items():
        for each in some:
            assert CATALOGUE.wordings[each.diagnosis].stage is stage, each.name
    assert {each.diagnosis for each in EVERY_MUTATION} <= load_catalogue(LAB).wordings.keys()


@pytest.mark.parametrize("mutation", EVERY_MUTATION, ids=lambda each: each.name)
def test_every_mutation_changes_some_style(mutation: Mutation) -> None:
    """One that never applies would only look like a test."""
    assert any(
        made is not None and made != source
        for source in RIGHT.values()
        for made in [mutated(source, mutation)]
    )


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda each: each.name)
def test_broken_script_cannot_be_parsed(breakage: Breakage) -> None:
    """Or it would have another mistake than the one it is due."""
    source = broken(REFERENCE, breakage)

    assert source is not None
    with pytest.raises(SyntaxError):
        ast.parse(source)


def test_plans_mix_every_pair_and_none_with_itself() -> None:
    """Alone and two by two, each order counted."""
    count = len(RESTYLES)
    pairs = [plan for plan in plans() if len(plan) == 2]

    assert len(plans()) == count + count * (count - 1)
    assert all(first is not second for first, second in pairs)


LOOP = """\
import torch
for step in range(1, 6):
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f'step={step} loss={loss.item():.4f}')
"""


def test_loop_becomes_a_while_with_a_counter() -> None:
    """Only where nobody minds the counter's last value."""
    made = _restyled("while-for-for", LOOP)

    assert made is not None
    assert "step = 1\nwhile step < 6:" in made
    assert made.endswith("step += 1\n")
    assert _restyled("while-for-for", LOOP + "print(step)\n") is None
    assert _restyled("while-for-for", LOOP.replace("loss =", "continue\n    loss =")) is None


def test_names_change_everywhere_and_attributes_stay() -> None:
    """``x`` is a variable, ``self.x`` and ``f(x=…)`` are not."""
    made = _restyled("renamed", "x = 1\nbox.x = x\nprint(x, f'{x=}')\n")

    assert made == "inputs = 1\nbox.x = inputs\nprint(inputs, f'x={inputs!r}')\n"
    assert _restyled("renamed", "x = 1\nprint(locals())\n") is None
    assert _restyled("renamed", "end = 1\nprint(end='')\n") is None


def test_hand_written_update_needs_plain_sgd_of_one_model() -> None:
    """Any other optimizer follows another rule; what it does would change."""
    made = (
        "import torch\nmodel = make()\n"
        "opt = torch.optim.SGD(model.parameters(), lr=0.5{})\nopt.step()\n"
    )

    assert "parameter -= 0.5 * parameter.grad" in str(_restyled("updated-by-hand", made.format("")))
    assert _restyled("updated-by-hand", made.format(", momentum=0.9")) is None
    assert _restyled("updated-by-hand", made.replace("SGD", "Adam").format("")) is None


def test_clearing_is_moved_over_nothing_that_minds() -> None:
    """Forward and loss may be crossed, a gradient that is read may not."""
    made = _restyled("cleared-first", LOOP)

    assert made is not None
    assert made.index("zero_grad") < made.index("loss_fn")
    read_before = LOOP.replace(
        "    optimizer.zero_grad()", "    g = keep(w.grad)\n    optimizer.zero_grad()"
    )
    assert _restyled("cleared-first", read_before) is None


def test_sequential_becomes_a_class_only_where_its_layers_are_there() -> None:
    """A layer that is not there fails in another way then."""
    text = (
        "import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Sigmoid())\n"
        "print(model[{}].weight)\n"
    )

    assert "model.layer_0.weight" in str(_restyled("model-as-a-class", text.format(0)))
    assert _restyled("model-as-a-class", text.format(2)) is None


def test_update_is_dropped_in_the_loop_only_where_another_stands_outside() -> None:
    """Or it would be missing everywhere, which is another diagnosis."""
    assert _mutated("no-step-in-the-loop", LOOP) is None
    made = _mutated("no-step-in-the-loop", "optimizer.step()\n" + LOOP)

    assert made is not None
    assert made.count("optimizer.step()") == 1
    assert made.startswith("optimizer.step()\n")


def test_update_behind_the_printed_values_is_not_made_where_gradients_are_cleared_first() -> None:
    """The update would find none: that mistake is called zero-grad-late."""
    text = (
        "print('one_training_step')\nloss.backward()\nopt.step()\n{}print('mini_training_loop')\n"
    )

    assert _mutated("after-values-before-the-update", text.format("")) is not None
    assert _mutated("after-values-before-the-update", text.format("opt.zero_grad()\n")) is None


def test_high_rate_is_used_only_where_the_loss_stays_finite() -> None:
    """A formula of one's own gives nan then, which is another diagnosis."""
    own = "rate = 0.5\nloss = -p.log()\n"
    torchs = "rate = 0.5\nloss_fn = nn.BCELoss()\nloss = loss_fn(p, y)\n"

    assert _mutated("rate-200", own) is None
    assert "rate = 200.0" in str(_mutated("rate-200", torchs))


def test_gradients_are_printed_too_early_only_under_a_name_that_is_there() -> None:
    """Or the script stops for another reason."""
    text = (
        "print('one_training_step')\nopt.zero_grad()\nloss.backward()\n{}"
        "print('weight_grad=', {})\nprint('bias_grad=', b)\nopt.step()\n"
    )

    assert _mutated("gradients-printed-before-backward", text.format("", "w.grad")) is not None
    kept = text.format("kept = w.grad.clone()\n", "kept")
    assert _mutated("gradients-printed-before-backward", kept) is None


def test_forward_leaves_no_loop_that_gives_it_its_data() -> None:
    """In front of the loop, x and y would be those of before, or none."""
    body = LOOP.removeprefix("import torch\n").replace("for step in range(1, 6)", "{}")
    step = "loss_fn = torch.nn.BCELoss()\n"

    assert (
        _mutated("forward-before-the-loop", step + body.replace("{}", "for n in range(5)", 1))
        is not None
    )
    assert (
        _mutated("forward-before-the-loop", step + body.replace("{}", "for x in data", 1)) is None
    )
