"""Both models are trained in one loop; the rows are sorted afterwards."""
import copy
import torch
import torch.nn as nn

torch.manual_seed(8)
model_a = nn.Linear(1, 1)
model_b = copy.deepcopy(model_a)
criterion = nn.MSELoss(reduction="sum")

stunden = torch.arange(8.0)[:, None]
punkte = 2.5 * stunden + 4.0 + 0.5 * torch.randn(8, 1, generator=torch.Generator().manual_seed(1))

optimizers = dict(
    sgd=(model_a, torch.optim.SGD([{"params": model_a.parameters()}], lr=0.01, momentum=0.9)),
    adam=(model_b, torch.optim.Adam([model_b.weight, model_b.bias], lr=0.2)),
)
zeilen = {"sgd": [], "adam": []}
for schritt in range(120):
    for name, (modell, opt) in optimizers.items():
        modell.train()
        vorhersage = modell(stunden)
        verlust = criterion(vorhersage, punkte) / punkte.numel()
        for p in modell.parameters():
            p.grad = None
        verlust.backward()
        if schritt + 1 in {1, 20, 120}:
            zeilen[name].append((schritt + 1, verlust.item(), *[p.item() for p in modell.parameters()]))
        opt.step()

print("data", "hours: " + repr(tuple(stunden.shape)), sep="\n")
print(f"score_mean= {punkte.mean().item():.3f}")
print("two_optimizers")
for name in zeilen:
    for schritt, verlust, w, b in zeilen[name]:
        print(f"{name:<6} step={schritt:<3} loss={verlust:.3f} w={w:.3f} b={b:.3f}")
print("learned")
model_b.eval()
print(f"score gained per hour: {model_b.weight.squeeze().item():.2f}")
print(f"score without any work: {model_b.bias.squeeze().item():.2f}")
with torch.no_grad():
    print(f"Predicted score for 10 hours of work: {model_b(torch.tensor([10.0])).item():.1f}")
print(f"weight_grad= [[{model_b.weight.grad.item():.3f}]]")
print(f"bias_grad= [{model_b.bias.grad.item():.3f}]")
