# every number of the attention by hand, in plain loops
import torch
from math import exp, sqrt
from torch import nn
from torch.nn.functional import scaled_dot_product_attention as library

torch.set_printoptions(precision=3, sci_mode=False)
torch.manual_seed(1)
all_three = torch.randn(3, 4, 6)
Q, K, V = (part.tolist() for part in all_three)

weights, mixed = [], []
for q in range(4):
    raw = [exp(sum(a * b for a, b in zip(Q[q], K[k])) / sqrt(4)) for k in range(q + 1)]
    total = sum(raw)
    row = [r / total for r in raw] + [0.0] * (3 - q)
    weights.append(row)
    mixed.append([sum(row[k] * V[k][d] for k in range(4)) for d in range(6)])

print("may_look_at")
print(torch.tensor([[k <= q for k in range(4)] for q in range(4)]))
print("weights")
print(torch.tensor(weights))
print("row_sums: %s" % [round(sum(row), 3) for row in weights])
for q in range(4):
    k = max(range(4), key=lambda i: weights[q][i])
    print("query=%d -> key=%d weight=%.3f" % (q, k, weights[q][k]))
print("by_hand")
print([[round(value, 3) for value in row[:3]] for row in mixed])
q, k, v = (part.unsqueeze(0) for part in all_three)
other = library(q, k, v, is_causal=True).squeeze(0).tolist()
print("by_library")
print([[round(value, 3) for value in row[:3]] for row in other])
gap = max(abs(a - b) for one, two in zip(mixed, other) for a, b in zip(one, two))
print("all values agree: %s" % (gap < 1e-5))
layer = nn.MultiheadAttention(6, 2, batch_first=True)
layer.eval()
x = all_three[:1]
later = torch.ones(4, 4).triu(diagonal=1).bool()
result, shares = layer(query=x, key=x, value=x, attn_mask=later)
print("by_layer")
print("layer: %s" % type(layer).__qualname__)
print("x: shape=%s dtype=%s" % (tuple(x.shape), x.dtype))
print("out: shape=%s shares=%s" % (tuple(result.shape), tuple(shares.shape)))
print("shares of the last query: %s" % [round(s, 3) for s in shares[0, -1].tolist()])
print("largest share of a later token: %s" % max(shares[0, i, j].item() for i in range(4) for j in range(i + 1, 4)))
