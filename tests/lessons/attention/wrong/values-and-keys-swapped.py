import torch
import torch.nn.functional as F

torch.set_printoptions(precision=3, sci_mode=False)
length, size = 4, 6
torch.manual_seed(1)
Q, V, K = torch.split(torch.randn(3 * length * size).reshape(12, 6), 4)
layer = torch.nn.MultiheadAttention(size, num_heads=2)


def attend(q, keys, values):
    """One query looks at the keys it may see."""
    share = F.softmax(keys @ q / size**0.5, dim=0)
    return F.pad(share, (0, length - len(share))), share @ values


pairs = [attend(Q[i], K[: i + 1], V[: i + 1]) for i in range(length)]
weights = torch.stack([share for share, _ in pairs])
mixed = torch.vstack([value for _, value in pairs])
library = F.scaled_dot_product_attention(Q[None], K[None], V[None], is_causal=True).view(4, 6)


def show(title, matrix):
    print(title)
    print([[round(matrix[r, c].item(), 3) for c in range(3)] for r in range(4)])


print("may_look_at")
print(torch.ones(length, length, dtype=torch.bool).tril(diagonal=0))
print("weights")
print(weights)
print("row_sums:", [round(row.sum().item(), 3) for row in weights])
i = 0
while i < length:
    top = weights[i].topk(1)
    print(f"query={i} -> key={top.indices.item()} weight={top.values.item():.3f}")
    i += 1
show("by_hand", mixed)
show("by_library", library)
print("all values agree:", torch.isclose(mixed, library, atol=1e-5).all().item())
x = Q.unsqueeze(1)
with torch.no_grad():
    out, share = layer(x, x, x, attn_mask=torch.full((4, 4), float("-inf")).triu(1))
x, out = x.transpose(0, 1), out.transpose(0, 1)
print("by_layer")
print("layer:", "MultiheadAttention")
print(f"x: shape={tuple(x.shape)} dtype={x.dtype}")
print(f"out: shape={tuple(out.shape)} shares={tuple(share.shape)}")
print("shares of the last query:", [round(s, 3) for s in share.squeeze(0)[-1].tolist()])
print("largest share of a later token:", share.squeeze(0).triu(1).amax().item())
