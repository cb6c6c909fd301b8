import torch
import torch.nn.functional as F
from torch import nn

SEED = 42
LEARNING_RATE = 0.5

torch.manual_seed(SEED)
layer = nn.Linear(in_features=2, out_features=1)


def predict(inputs):
    return torch.sigmoid(layer(inputs))


x = torch.tensor([[1.0, 2.0]])
y = torch.ones(1, 1)
sgd = torch.optim.SGD(layer.parameters())


def report(name, value, digits):
    print(f"{name}= {value.item():.{digits}f}")


print("one_training_step")
with torch.no_grad():
    report("prediction_before", predict(x), 3)

p = predict(x)
loss = F.binary_cross_entropy(p, y)
report("loss_before", loss, 4)
sgd.zero_grad()
loss.backward()
print("weight_grad=", layer.weight.grad.numpy().round(4).tolist())
print("bias_grad=", layer.bias.grad.numpy().round(4).tolist())
sgd.step()

with torch.no_grad():
    p = predict(x)
    report("prediction_after", p, 3)
    report("loss_after", F.binary_cross_entropy(p, y), 4)

print("mini_training_loop")
for step in range(1, 6):
    p = predict(x)
    loss = F.binary_cross_entropy(p, y)
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    print(f"step={step} loss={loss.item():.4f} pred={p.item():.3f}")
