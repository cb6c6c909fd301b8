import torch
import torch.nn as nn


class LitLine(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(in_features=1, out_features=1, bias=True)

    def forward(self, x):
        return self.lin(x)

    def training_step(self, batch):
        x, y = batch
        pred = self(x)
        return nn.functional.mse_loss(pred, y)


class Trainer:
    def __init__(self, steps, log_at):
        self.steps = steps
        self.log_at = log_at

    def fit(self, lit, optim, batch, tag):
        for i in range(self.steps):
            optim.zero_grad(set_to_none=False)
            loss = lit.training_step(batch)
            loss.backward()
            if i + 1 in self.log_at:
                print("%-6s step=%-3d loss=%.3f w=%.3f b=%.3f" % (tag, i + 1, loss, lit.lin.weight, lit.lin.bias))
            optim.step()
        return lit


gen = torch.Generator()
gen.manual_seed(1)
x = torch.arange(0, 8, dtype=torch.float32).unsqueeze(1)
eps = torch.randn((8, 1), generator=gen)
y = 4.0 + 2.5 * x + 0.5 * eps
print("data")
print("hours:", tuple(x.size()))
print("score_mean=", round(float(y.mean()), 3))

print("two_optimizers")
trainer = Trainer(steps=120, log_at={1, 20, 120})
torch.manual_seed(8)
lit = LitLine()
trainer.fit(lit, torch.optim.SGD(lit.parameters(), lr=1e-2), (x, y), "sgd")
torch.manual_seed(8)
lit = LitLine()
trainer.fit(lit, torch.optim.Adam(lit.parameters(), lr=0.2), (x, y), "adam")

print("learned")
lit.eval()
with torch.inference_mode():
    ten = lit(torch.full((1, 1), 10.0))
print("score gained per hour: {:.2f}".format(lit.lin.weight.item()))
print("score without any work: {:.2f}".format(lit.lin.bias.item()))
print("Predicted score for 10 hours of work: {:.1f}".format(ten.item()))
print("weight_grad=", [[round(g, 3) for g in row] for row in lit.lin.weight.grad.tolist()])
print("bias_grad=", [round(g, 3) for g in lit.lin.bias.grad.tolist()])
