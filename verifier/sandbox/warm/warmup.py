"""A warm-up: one neutral training, so that all torch imports and builds on first use is there.

The operators are those of lessons; seed, shapes and data are no lesson's. Afterwards
nothing of it is left: no random state, no graph, no global that a script could notice.
"""

from __future__ import annotations

import io

from verifier.sandbox.warm import dynamo


def warm_up() -> None:
    """Train and print a few unlike models once. Needs torch and numpy."""
    import numpy as np  # noqa: PLC0415 - heavy: imported by the fork server alone
    import numpy.random  # noqa: PLC0415 - numpy itself leaves it for later
    import torch  # noqa: PLC0415 - heavy, as numpy
    from torch import nn  # noqa: PLC0415 - the same

    dynamo.defer()
    torch.manual_seed(7919)
    inputs = torch.linspace(-1.0, 1.0, 21).reshape(7, 3)
    targets = (inputs.sum(dim=1, keepdim=True) > 0).float()
    losses = (nn.BCELoss(), nn.BCEWithLogitsLoss(), nn.MSELoss())
    endings: tuple[nn.Module, ...] = (nn.Sigmoid(), nn.Identity(), nn.Tanh())
    optimizers = (torch.optim.SGD, torch.optim.Adam, torch.optim.SGD)
    for loss_of, ending, optimizer_of in zip(losses, endings, optimizers, strict=True):
        model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1), ending)
        optimizer = optimizer_of(model.parameters(), lr=0.01)
        for _ in range(2):
            optimizer.zero_grad()
            loss = loss_of(model(inputs), targets)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                print(model(inputs), loss, model[0].weight.grad, file=io.StringIO())
    image = torch.linspace(0.0, 1.0, 75).reshape(1, 3, 5, 5)
    nn.Conv2d(3, 2, 3)(image).sum().backward()
    nn.CrossEntropyLoss()(inputs, torch.zeros(7, dtype=torch.long))
    np.asarray(inputs.tolist()).mean()
    torch.save({"weight": inputs}, io.BytesIO())


def reseed() -> None:
    """Draw random states anew, as a fresh interpreter does, for the next fork of this process.

    Here and not in the child, where each page that it writes would be copied.
    """
    import random  # noqa: PLC0415 - next to its only use

    import numpy as np  # noqa: PLC0415 - loaded already
    import torch  # noqa: PLC0415 - loaded already

    # `random` does this itself, in every fork. The state of numpy is the one that scripts without
    # a generator draw from; drawing all of it from the system takes longer than most scripts.
    np.random.seed(random.getrandbits(32))  # noqa: NPY002
    torch.default_generator.seed()
