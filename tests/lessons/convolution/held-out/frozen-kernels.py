"""Bars."""

from collections import OrderedDict
from collections.abc import Iterator

import torch
from torch import Tensor, nn, optim


def make_images(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn((12, 1, 6, 6), generator=generator)
    images = torch.zeros_like(noise)
    for index in range(12):
        if index < 6:
            images[index, :, :, index] = 1.0
        else:
            images[index, :, index - 6, :] = 1.0
    return images + 0.1 * noise, torch.tensor([int(index >= 6) for index in range(12)])


def make_net(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        OrderedDict(
            [
                ("0", nn.Conv2d(1, 3, kernel_size=(3, 3))),
                ("1", nn.ReLU()),
                ("2", nn.MaxPool2d((2, 2))),
                ("3", nn.Flatten()),
                ("4", nn.Linear(12, 2)),
            ]
        )
    )


def epochs(net: nn.Module, images: Tensor, labels: Tensor, count: int) -> Iterator[float]:
    optimizer = optim.SGD(net.parameters(), lr=0.5)
    loss_fn = nn.CrossEntropyLoss()
    for _ in range(count):
        scores = net(images)
        loss = loss_fn(scores, labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        yield loss.item()


def main() -> None:
    torch.set_printoptions(precision=3, sci_mode=False)
    images, labels = make_images(6)
    print("conv2d_by_hand")
    edge = torch.zeros(1, 1, 3, 3)
    edge[..., 0] = -1
    edge[..., 2] = 1
    print(f"kernel: {tuple(edge.shape)}")
    print(f"response to bar 2: {torch.conv2d(images[2:3], edge)[0, 0]}")
    net = make_net(1)
    net[0].requires_grad_(False)
    print("shapes")
    print(f"input: {tuple(images.shape)}")
    seen: list[str] = []
    for layer in net.children():
        layer.register_forward_hook(
            lambda module, args, out: seen.append(f"{module.__class__.__name__}: {tuple(out.shape)}")
        )
    net(images)
    print("\n".join(seen))
    for name, weights in net.state_dict().items():
        print(f"net.{name} {tuple(weights.shape)}")
    print("parameters in all", sum(weights.numel() for weights in net.state_dict().values()))
    print("training")
    for epoch, loss in enumerate(epochs(net, images, labels, 41)):
        if not epoch % 10:
            print(f"epoch={epoch:4d}, loss={loss:.4f}")
    print("after_training")
    probabilities = net(images).softmax(dim=1)
    chosen = probabilities.detach().argmax(dim=1)
    print(f"final_acc {chosen.eq(labels).double().mean().item()}")
    print("predictions:", chosen.tolist(), sep="\n")
    print("first kernel:", net[0].weight.data[0, 0], sep="\n")


if __name__ == "__main__":
    main()
