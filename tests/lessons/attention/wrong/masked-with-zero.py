import math
import torch
import torch.nn as nn

torch.set_printoptions(precision=3, sci_mode=False)


class CausalAttention(nn.Module):
    """Scaled dot products under a triangle."""

    def __init__(self, length):
        super().__init__()
        self.register_buffer("allowed", torch.tril(torch.ones(length, length, dtype=torch.bool)))
        self.weights = None

    def forward(self, q, k, v):
        score = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(q.size(-1))
        score = torch.where(self.allowed, score, torch.tensor(0.0))
        self.weights = torch.softmax(score, dim=1)
        return torch.matmul(self.weights, v)


def nested(t):
    return [[round(x.item(), 3) for x in row] for row in t]


def main():
    torch.manual_seed(1)
    q, k, v = torch.randn(3, 4, 6).unbind(0)
    attention = CausalAttention(4)
    mine = attention(q, k, v)
    theirs = nn.functional.scaled_dot_product_attention(
        q.unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), attn_mask=attention.allowed
    ).squeeze(0)
    w = attention.weights

    print("may_look_at", attention.allowed, sep="\n")
    print("weights", w, sep="\n")
    print("row_sums:", [round(s.item(), 3) for s in w.sum(1)])
    for i, row in enumerate(w):
        share, where = row.max(dim=0)
        print(f"query={i} -> key={where} weight={share:.3f}")
    print("by_hand", nested(mine[:, 0:3]), sep="\n")
    print("by_library", nested(theirs[:, 0:3]), sep="\n")
    print("all values agree:", bool(((mine - theirs).abs() < 1e-5).all()))

    many = nn.MultiheadAttention(6, 2, batch_first=True)
    many.requires_grad_(False)
    batch = q.reshape(1, 4, 6)
    out, shares = many(batch, batch, batch, attn_mask=attention.allowed.logical_not())
    print("by_layer")
    print("layer:", many.__class__.__name__)
    print(f"x: shape={tuple(batch.shape)} dtype={batch.dtype}")
    print(f"out: shape={tuple(out.shape)} shares={tuple(shares.shape)}")
    print("shares of the last query:", nested(shares[0])[-1])
    later = shares[0][~attention.allowed]
    print("largest share of a later token:", later.max().item())


main()
