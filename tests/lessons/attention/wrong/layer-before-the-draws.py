import math

import torch
from torch import nn
from torch.nn import functional as F

LENGTH, WIDTH, HEADS = 4, 6, 2


def causal(length):
    places = torch.arange(length)
    return places.unsqueeze(1) >= places.unsqueeze(0)


def attend(q, k, v, allowed):
    """Give the mixed values, and the share that each key got of each query."""
    similarity = torch.matmul(q, k.transpose(0, 1))
    similarity = similarity / math.sqrt(q.shape[-1])
    hidden = torch.zeros_like(similarity)
    hidden[~allowed] = -math.inf
    share = F.softmax(similarity + hidden, dim=-1)
    return torch.matmul(share, v), share


def short(tensor):
    if tensor.dim() == 0:
        return round(tensor.item(), 3)
    return [short(part) for part in tensor]


torch.set_printoptions(precision=3, sci_mode=False)
torch.manual_seed(1)
block = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
drawn = torch.randn(3, LENGTH, WIDTH)
q, k, v = drawn[0], drawn[1], drawn[2]
allowed = causal(LENGTH)
mine, share = attend(q, k, v, allowed)
library = F.scaled_dot_product_attention(q[None], k[None], v[None], attn_mask=allowed)
library = library.squeeze(0)

print("may_look_at")
print(allowed)
print("weights")
print(share)
print("row_sums:", short(share.sum(dim=1)))
for query, row in enumerate(share):
    print(f"query={query} -> key={row.argmax().item()} weight={row.max().item():.3f}")
print("by_hand")
print(short(mine[:, :3]))
print("by_library")
print(short(library[:, :3]))
print("all values agree:", torch.allclose(mine, library, atol=1e-5))

print("by_layer")
block.eval()
sequence = q.unsqueeze(0)
out, shares = block(sequence, sequence, sequence, attn_mask=~allowed)
print("layer:", type(block).__name__)
print(f"x: shape={tuple(sequence.shape)} dtype={sequence.dtype}")
print(f"out: shape={tuple(out.shape)} shares={tuple(shares.shape)}")
print("shares of the last query:", short(shares[0, -1]))
print("largest share of a later token:", shares[0].triu(1).max().item())
