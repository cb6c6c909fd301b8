import torch
from torch import nn

torch.set_printoptions(precision=3, sci_mode=False)
number_of_bars = 6
noise_level = 0.1
rng = torch.Generator().manual_seed(6)

batch = torch.zeros(2, number_of_bars, 1, 6, 6)
index = torch.arange(number_of_bars)
batch[0, index, 0, :, index] = 1.0
batch[1, index, 0, index, :] = 1.0
batch = batch.flatten(0, 1)
batch = batch + noise_level * torch.randn(batch.shape, generator=rng)
wanted = torch.tensor([0, 1]).repeat_interleave(number_of_bars)

torch.manual_seed(1)
convolution = nn.Conv2d(1, 3, 3)
pooling = nn.MaxPool2d(2)
decision = nn.Linear(12, 2)
learnable = list(convolution.parameters()) + list(decision.parameters())


def forward(x):
    a = convolution(x)
    b = torch.relu(a)
    c = pooling(b)
    d = torch.flatten(c, 1)
    e = decision(d)
    return a, b, c, d, e


sobel_like = torch.tensor([[[[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]]])
windows = nn.Unfold(3)(batch[2:3])
response = (sobel_like.view(1, 9) @ windows[0]).view(4, 4)
print("conv2d_by_hand")
print("kernel:", tuple(sobel_like.shape))
print("response to bar 2:", response)
print("shapes")
print("input:", tuple(batch.shape))
for name, tensor in zip(["Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear"], forward(batch)):
    print(f"{name}: {tuple(tensor.shape)}")
for name, tensor in zip(["0.weight", "0.bias", "4.weight", "4.bias"], learnable):
    print(f"net.{name} {tuple(tensor.shape)}")
print(f"parameters in all {sum(tensor.numel() for tensor in learnable)}")
print("training")
step_of = torch.optim.SGD(learnable, lr=0.5)
cost_of = nn.CrossEntropyLoss()
for epoch in range(41):
    *_, scores = forward(batch)
    cost = cost_of(scores, wanted)
    step_of.zero_grad()
    cost.backward()
    step_of.step()
    if epoch % 10 == 0:
        print("epoch=" + format(epoch, "4d") + ", loss=" + format(cost.item(), ".4f"))
print("after_training")
decided = forward(batch)[-1].detach().topk(1).indices.flatten()
print(f"final_acc {1 - (decided != wanted).float().mean().item()}")
print("predictions:")
print(decided.tolist())
print("first kernel:")
print(convolution.weight.detach()[0].squeeze(0))
