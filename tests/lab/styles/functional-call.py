import torch
from torch import nn
from torch.func import functional_call, grad_and_value

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
params = {name: p.detach() for name, p in model.named_parameters()}
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])


def objective(params):
    pred = functional_call(model, params, (x,))
    return nn.functional.binary_cross_entropy(pred, y), pred


step_of = grad_and_value(objective, has_aux=True)


def descend(params, grads):
    return {name: p - 0.5 * grads[name] for name, p in params.items()}


print("one_training_step")
grads, (loss, pred) = step_of(params)
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", grads["0.weight"].tolist())
print("bias_grad=", grads["0.bias"].tolist())
params = descend(params, grads)
loss, pred = objective(params)
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss.item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    grads, (loss, pred) = step_of(params)
    params = descend(params, grads)
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
