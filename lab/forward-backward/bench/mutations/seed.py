"""Mistakes of stage forward: the seed, and what uses it up."""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import partial

from bench.diagnosis.mutation import Mutations
from bench.diagnosis.training import model_made
from bench.diagnosis.tree import (
    Spot,
    after_imports,
    constants,
    last_name,
    replaced,
    spots,
    statement,
    torch_name,
)

SEEDS = Mutations()
SEED = 42
_FIRST_LINE = "one_training_step"


def _seed_spots(tree: ast.Module) -> list[Spot]:
    return [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.Expr)
        and isinstance(spot.statement.value, ast.Call)
        and last_name(spot.statement.value.func) == "manual_seed"
    ]


@SEEDS.of("seed-missing")
def _seed_nowhere(tree: ast.Module) -> bool:
    seeds = _seed_spots(tree)
    for spot in seeds:
        spot.drop()
    return bool(seeds)


def _seeded_by(tree: ast.Module, imported: str, text: str) -> bool:
    """Seed another generator than torch's."""
    seeds = _seed_spots(tree)
    for spot in seeds:
        spot.block[spot.index] = statement(text)
    tree.body.insert(after_imports(tree), statement(imported))
    return bool(seeds)


SEEDS.add(
    "seed-of-python",
    "seed-missing",
    partial(_seeded_by, imported="import random", text="random.seed(42)"),
)
SEEDS.add(
    "seed-of-numpy",
    "seed-missing",
    partial(_seeded_by, imported="import numpy", text="numpy.random.seed(42)"),
)


@SEEDS.of("seed-missing")
def _seed_of_a_generator_nobody_uses(tree: ast.Module) -> bool:
    torch = torch_name(tree)
    seeds = _seed_spots(tree) if torch else []
    for spot in seeds:
        spot.block[spot.index] = statement(f"generator = {torch}.Generator().manual_seed(42)")
    return bool(seeds)


def _seed(tree: ast.Module, seed: int) -> bool:
    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Constant(value=int(old)) if old == SEED:
                return ast.Constant(value=seed)
        return None

    return replaced(tree, change)


for _number in (0, 7, 43, 123, 2024, 420):
    SEEDS.add(f"seed-{_number}", "seed-wrong", partial(_seed, seed=_number))


@SEEDS.of("seed-after-model", "seed-missing")
def _seed_behind_the_model(tree: ast.Module) -> bool:
    made, seeds = model_made(tree), _seed_spots(tree)
    if made is None or len(seeds) != 1 or seeds[0].block is not made.block:
        return False
    seeds[0].drop()
    made.put_after(seeds[0].statement)
    return True


@SEEDS.of("seed-after-model", "seed-missing")
def _seed_in_front_of_the_first_line(tree: ast.Module) -> bool:
    made, seeds = model_made(tree), _seed_spots(tree)
    printed = [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.Expr)
        and _FIRST_LINE in constants(spot.statement, str)
        and made is not None
        and spot.block is made.block
    ]
    if len(seeds) != 1 or not printed:
        return False
    seeds[0].drop()
    printed[0].put_before(seeds[0].statement)
    return True


@SEEDS.of("seed-after-model", "seed-missing")
def _numbers_drawn_before_the_model(tree: ast.Module) -> bool:
    """The seed is used up by another draw."""
    torch = torch_name(tree)
    seeds = _seed_spots(tree) if torch else []
    for spot in seeds:
        spot.put_after(statement(f"noise = {torch}.randn(3)"))
    return bool(seeds)


@SEEDS.of("seed-after-model", "seed-missing")
def _model_made_twice(tree: ast.Module) -> bool:
    """The first model uses the seed up; the second is trained."""
    made = model_made(tree)
    if made is None or not made.straight:
        return False
    made.put_before(deepcopy(made.statement))
    return True
