"""Mini batches."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn, optim
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Settings:
    size: int = 10
    rate: float = 0.3
    drop: float = 0.25
    epochs: int = 3


def make_points() -> tuple[Tensor, Tensor]:
    gen = torch.Generator().manual_seed(2)
    target = torch.tensor([i % 3 for i in range(24)])
    mid = torch.tensor([[0.0, 1.5], [1.5, -1.0], [-1.5, -1.0]])
    return mid[target] + torch.randn(24, 2, generator=gen) * 0.9, target


def make_model(drop: float) -> nn.Sequential:
    torch.manual_seed(3)
    blocks: list[nn.Module] = [nn.Linear(2, 8), nn.ReLU(), nn.Dropout(drop), nn.Linear(8, 3)]
    return nn.Sequential(*blocks)


def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, Tensor]:
    model.eval()
    logits = model(x).detach()
    picked = logits.argmax(dim=-1)
    loss = -logits.log_softmax(dim=-1).gather(1, y[:, None]).mean()
    return loss.item(), picked


def main(cfg: Settings) -> None:
    x, y = make_points()
    model = make_model(cfg.drop)
    opt = optim.SGD(model.parameters(), lr=cfg.rate)
    criterion = nn.CrossEntropyLoss()
    loader = DataLoader(TensorDataset(x, y), cfg.size, shuffle=True, generator=torch.Generator().manual_seed(1))
    for epoch in range(cfg.epochs):
        model.train(True)
        batch = 0
        for features, target in loader:
            batch += 1
            logits = model(features)
            loss = criterion(logits, target)
            loss.backward()
            opt.step()
            opt.zero_grad()
            if epoch < 2:
                shape = (features.size(0), features.size(1))
                print(f"epoch={epoch + 1} batch={batch} x_shape={shape} loss={loss.item():.4f}")
        loss_all, picked = evaluate(model, x, y)
        right = torch.count_nonzero(picked == y).item()
        print(f"epoch={epoch + 1} eval_loss={loss_all:.4f} correct={right}/24")
    for mode in (True, False):
        model.train(mode)
        once, twice = model(x), model(x)
        print("train" if mode else "eval", "mode gives the same twice:", torch.equal(once, twice))
    print(f"first eight chosen: {picked[:8].tolist()}")
    print(f"accuracy: {right / y.numel():.3f}")
    print("confusion_matrix rows=true cols=chosen")
    one_hot_true = nn.functional.one_hot(y, 3)
    one_hot_pick = nn.functional.one_hot(picked, 3)
    print((one_hot_true.T @ one_hot_pick).tolist())


if __name__ == "__main__":
    main(Settings())
