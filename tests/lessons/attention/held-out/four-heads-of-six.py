import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.register_buffer("allowed", torch.tril(torch.ones(n, n)) == 1)

    def forward(self, q, k, v):
        att = torch.matmul(q, k.transpose(-2, -1))
        att = att / math.sqrt(q.size(-1))
        att = att.masked_fill(self.allowed == 0, -float("inf"))
        att = F.softmax(att, dim=-1)
        out = torch.matmul(att, v)
        return out, att


def nice(t):
    out = []
    for r in t:
        out.append([round(x.item(), 3) for x in r])
    return out


torch.set_printoptions(precision=3, sci_mode=False)
torch.manual_seed(1)
T, C = 4, 6
qkv = torch.randn(3, T, C)
q, k, v = qkv[0], qkv[1], qkv[2]
head = CausalAttention(T)
y, att = head(q, k, v)

print("may_look_at")
print(head.allowed)
print("weights")
print(att)
print("row_sums:", [round(s.item(), 3) for s in att.sum(-1)])
for i in range(T):
    j = int(torch.argmax(att[i]))
    print("query={} -> key={} weight={:.3f}".format(i, j, att[i, j].item()))

y2 = F.scaled_dot_product_attention(q, k, v, attn_mask=head.allowed)
print("by_hand")
print(nice(y[:, 0:3]))
print("by_library")
print(nice(y2[:, 0:3]))
print("all values agree:", torch.allclose(y, y2, atol=1e-5))

mha = nn.MultiheadAttention(C, 4, batch_first=True)
mha.eval()
x = q.unsqueeze(0)
blocked = torch.triu(torch.ones(T, T), diagonal=1).bool()
with torch.no_grad():
    out, w = mha(x, x, x, attn_mask=blocked, need_weights=True)
print("by_layer")
print("layer:", mha.__class__.__name__)
print("x: shape={} dtype={}".format(tuple(x.shape), x.dtype))
print("out: shape={} shares={}".format(tuple(out.shape), tuple(w.shape)))
print("shares of the last query:", [round(s, 3) for s in w[0, 3].tolist()])
print("largest share of a later token:", (w[0] * blocked).max().item())
