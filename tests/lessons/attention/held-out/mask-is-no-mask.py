"""Causal attention three ways: by hand, by a function, and by a layer."""

import torch
import torch.nn.functional as F
from torch import nn

torch.set_printoptions(precision=3, sci_mode=False)
torch.manual_seed(1)
tokens, width = 4, 6
Q, K, V = torch.randn(3, tokens, width)


def rows(matrix):
    """Give the nested list of a matrix, rounded to three decimals."""
    return [[round(value, 3) for value in row] for row in matrix.tolist()]


mask = torch.ones(tokens, tokens).tril().bool()
scores = Q @ K.T / width**0.5
weights = scores.masked_fill(mask - 1, float("-inf")).softmax(dim=-1)
by_hand = weights @ V
by_library = F.scaled_dot_product_attention(Q[None], K[None], V[None], is_causal=True)[0]

print("may_look_at")
print(mask)
print("weights")
print(weights)
print("row_sums:", [round(total, 3) for total in weights.sum(dim=-1).tolist()])
for query in range(tokens):
    best = weights[query].argmax().item()
    print(f"query={query} -> key={best} weight={weights[query, best].item():.3f}")

print("by_hand")
print(rows(by_hand[:, :3]))
print("by_library")
print(rows(by_library[:, :3]))
print("all values agree:", torch.allclose(by_hand, by_library, atol=1e-5))

layer = nn.MultiheadAttention(embed_dim=width, num_heads=2, batch_first=True)
x = Q[None]
with torch.no_grad():
    mixed, shares = layer(x, x, x, attn_mask=~mask)
print("by_layer")
print("layer:", type(layer).__name__)
print(f"x: shape={tuple(x.shape)} dtype={x.dtype}")
print(f"out: shape={tuple(mixed.shape)} shares={tuple(shares.shape)}")
print("shares of the last query:", rows(shares[0])[3])
print("largest share of a later token:", shares[0].triu(1).max().item())
