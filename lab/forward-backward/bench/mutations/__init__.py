"""The lesson's mistakes as changes to a right script, a module a stage; four for stage forward."""

from __future__ import annotations

from mutations.activation import ACTIVATIONS
from mutations.gradient import GRADIENT
from mutations.loop import LOOP
from mutations.loss import LOSS
from mutations.model import MODELS
from mutations.output import OUTPUT
from mutations.run import RUN
from mutations.sample import SAMPLES
from mutations.seed import SEEDS
from mutations.update import UPDATE
from verifier.lab.stage import Stage

MUTATIONS = {
    Stage.RUN: RUN.all,
    Stage.OUTPUT: OUTPUT.all,
    Stage.FORWARD: [*SEEDS.all, *ACTIVATIONS.all, *SAMPLES.all, *MODELS.all],
    Stage.LOSS: LOSS.all,
    Stage.GRADIENT: GRADIENT.all,
    Stage.UPDATE: UPDATE.all,
    Stage.LOOP: LOOP.all,
}
