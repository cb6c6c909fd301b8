"""The convolution by hand is a sum over windows, and the shapes come from hooks."""
import torch
from torch import nn

torch.set_printoptions(precision=3, sci_mode=False)
g = torch.Generator()
g.manual_seed(6)
pics = torch.zeros(12, 6, 6)
for k in range(12):
    if k < 6:
        pics[k, :, k] += 1
    else:
        pics[k, k - 6, :] += 1
pics = (pics + torch.randn(12, 6, 6, generator=g).mul_(0.1))[:, None]
kinds = torch.tensor([k >= 6 for k in range(12)]).to(torch.int64)

print("conv2d_by_hand")
side = torch.tensor([[-1.0, 0, 1]] * 3)
answer = torch.empty(4, 4)
for r in range(4):
    for c in range(4):
        answer[r, c] = (pics[2, 0, r : r + 3, c : c + 3] * side).sum()
print("kernel:", (1, 1, *side.shape))
print("response to bar 2:", answer)

torch.manual_seed(1)
model = nn.Sequential(
    nn.Conv2d(1, 3, kernel_size=(3, 3)),
    nn.ReLU(inplace=False),
    nn.MaxPool2d((2, 2)),
    nn.Flatten(start_dim=1),
    nn.Linear(12, 2),
)
print("shapes")
print("input:", tuple(pics.shape))
handles = []
for part in model:
    handles.append(
        part.register_forward_hook(
            lambda m, i, o: print(f"{type(m).__name__}: {tuple(o.shape)}")
        )
    )
model(pics)
for handle in handles:
    handle.remove()
state = model.state_dict()
total = 0
for key in state:
    print("net." + key, tuple(state[key].shape))
    total += state[key].numel()
print("parameters in all", total)

print("training")
objective = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(model.parameters(), lr=0.5)
losses = []
for _ in range(41):
    value = objective(model(pics), kinds)
    model.zero_grad(set_to_none=True)
    value.backward()
    sgd.step()
    losses.append(value.item())
for epoch, value in list(enumerate(losses))[::10]:
    print(f"epoch={str(epoch).rjust(4)}, loss={value:.4f}")

print("after_training")
with torch.inference_mode():
    said = model(pics).max(dim=1)[1]
print("final_acc", said.eq(kinds).sum().item() / len(kinds))
print("predictions:\n" + str(said.tolist()))
print("first kernel:\n" + str(model[0].weight[0, 0].detach().clone()))
