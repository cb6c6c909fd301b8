"""Canary: where 200 steps of RMSprop lead."""

import math

import torch


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


def pattern(*shape, step=37):
    """Give numbers from -0.5 to 0.5, made of whole ones: no generator and no kernel takes part."""
    numbers = [step * n % 101 / 101 - 0.5 for n in range(math.prod(shape))]
    return torch.tensor(numbers).reshape(shape)


OPTIMIZERS = {
    "plain": lambda parameters: torch.optim.RMSprop(parameters, lr=0.01),
    "momentum": lambda parameters: torch.optim.RMSprop(parameters, lr=0.002, momentum=0.5),
    "centered": lambda parameters: torch.optim.RMSprop(parameters, lr=0.002, centered=True),
}
steepness = pattern(64, step=41) + 1
targets = pattern(64, step=43) + 4

for name, make in OPTIMIZERS.items():
    parameters = pattern(64).requires_grad_()
    optimizer = make([parameters])
    print(name)
    for step in range(1, 201):
        # Of half the squared distance; element by element, so that no sum takes part.
        parameters.grad = steepness * (parameters.detach() - targets)
        optimizer.step()
        if step in (1, 20, 200):
            print(f"step={step} parameters={printed(parameters[::16], 5)}")
