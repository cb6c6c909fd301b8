import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

torch.set_printoptions(precision=3, sci_mode=False)


def softmax(table):
    raised = torch.exp(table - table.amax(dim=1, keepdim=True))
    return raised / raised.sum(dim=1, keepdim=True)


def attend(asks, offers, values, bias):
    fit = torch.einsum("qd,kd->qk", asks, offers) * asks.shape[1] ** -0.5
    shares = softmax(fit + bias)
    return torch.einsum("qk,kd->qd", shares, values), shares


def show(title, *things):
    print(title)
    for thing in things:
        print(thing)


def rounded(table):
    return [[round(number, 3) for number in line] for line in table.tolist()]


torch.manual_seed(1)
asks, offers, values = torch.randn(3, 4, 6).unbind()
places = torch.arange(4)
seen = places[:, None] >= places[None, :]
bias = torch.zeros(4, 4).masked_fill(seen.logical_not(), float("-inf"))
mixed, shares = attend(asks, offers, values, bias)
library = scaled_dot_product_attention(asks[None], offers[None], values[None], attn_mask=bias).squeeze(0)

show("may_look_at", seen)
show("weights", shares, f"row_sums: {[round(total, 3) for total in shares.sum(1).tolist()]}")
top = shares.max(dim=1)
for query, (share, key) in enumerate(zip(top.values.tolist(), top.indices.tolist())):
    print(f"query={query} -> key={key} weight={share:.3f}")
show("by_hand", rounded(mixed[:, :3]))
show("by_library", rounded(library[:, :3]), f"all values agree: {bool((mixed - library).abs().max() < 1e-5)}")

layer = nn.MultiheadAttention(embed_dim=6, num_heads=2, batch_first=True)
x = asks.view(1, 4, 6)
out, heads = layer(x, x, x, attn_mask=bias, average_attn_weights=False)
part = heads.detach().mean(dim=1)
show("by_layer", f"layer: {type(layer).__name__}", f"x: shape={tuple(x.shape)} dtype={x.dtype}")
print(f"out: shape={tuple(out.shape)} shares={tuple(part.shape)}")
print("shares of the last query:", rounded(part[0])[-1])
print("largest share of a later token:", part[0][~seen].max().item())
