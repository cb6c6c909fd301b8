# no optimizer objects at all: both rules written out
import torch
import torch.nn.functional as F

gen = torch.Generator()
gen.manual_seed(1)
h = torch.linspace(0, 7, steps=8).unsqueeze(1)
s = 2.5 * h + 4.0 + 0.5 * torch.randn(8, 1, generator=gen)

print("data")
print("hours: " + str(tuple(h.size())))
print("score_mean= " + str(round(float(s.mean()), 3)))


def start():
    torch.manual_seed(8)
    layer = torch.nn.Linear(1, 1)
    return [p.detach().clone().requires_grad_() for p in (layer.weight, layer.bias)]


def sgd_rule(params, grads, memory, t):
    return [p - 0.01 * g for p, g in zip(params, grads)]


def adam_rule(params, grads, memory, t):
    new = []
    for i, (p, g) in enumerate(zip(params, grads)):
        m, v = memory.get(i, (torch.zeros_like(p), torch.zeros_like(p)))
        m = 0.999 * m + 0.001 * g
        v = 0.9 * v + 0.1 * g * g
        memory[i] = (m, v)
        m_hat = m / (1 - 0.999**t)
        v_hat = v / (1 - 0.9**t)
        new.append(p - 0.2 * m_hat / (v_hat.sqrt() + 1e-8))
    return new


def fit(label, rule):
    w, b = start()
    memory = {}
    for t in range(1, 121):
        loss = F.mse_loss(F.linear(h, w, b), s)
        grads = torch.autograd.grad(loss, (w, b))
        if t == 1 or t == 20 or t == 120:
            print("%-6s step=%-3d loss=%.3f w=%.3f b=%.3f" % (label, t, loss, w, b))
        w, b = [p.detach().requires_grad_() for p in rule((w, b), grads, memory, t)]
    return w, b, grads


print("two_optimizers")
fit("sgd", sgd_rule)
w, b, (gw, gb) = fit("adam", adam_rule)
print("learned")
print("score gained per hour: %.2f" % w.item())
print("score without any work: %.2f" % b.item())
print("Predicted score for 10 hours of work: %.1f" % F.linear(torch.tensor([[10.0]]), w, b).item())
print("weight_grad= [[%s]]" % round(gw.item(), 3))
print("bias_grad= [%s]" % round(gb.item(), 3))
