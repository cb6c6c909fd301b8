from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Trace:
    mask: torch.Tensor
    weights: torch.Tensor
    mixed: torch.Tensor


class Reader:
    """Reads left to right."""

    def __init__(self, tokens, width):
        self.tokens, self.width = tokens, width
        self.Q, self.K, self.V = torch.randn(3, tokens, width).unbind(0)

    def by_hand(self):
        mask = torch.full((self.tokens, self.tokens), True).tril()
        scores = (self.Q / self.width**0.5) @ self.K.transpose(0, 1)
        odds = torch.exp(scores) * mask
        weights = odds / odds.sum(dim=1, keepdim=True)
        return Trace(mask, weights, weights @ self.K)

    def by_function(self):
        args = [t.reshape(1, self.tokens, self.width) for t in (self.Q, self.K, self.V)]
        return nn.functional.scaled_dot_product_attention(*args, is_causal=True).reshape(self.tokens, self.width)

    def by_layer(self):
        layer = nn.MultiheadAttention(self.width, 2, batch_first=True)
        stop = nn.Transformer.generate_square_subsequent_mask(self.tokens)
        with torch.no_grad():
            return layer, layer(self.Q[None], self.Q[None], self.Q[None], attn_mask=stop)


def three(matrix):
    return [[round(v, 3) for v in row] for row in matrix[:, :3].tolist()]


torch.set_printoptions(precision=3, sci_mode=False)
torch.manual_seed(1)
reader = Reader(tokens=4, width=6)
trace = reader.by_hand()
function = reader.by_function()
layer, (out, shares) = reader.by_layer()
print("may_look_at", trace.mask, "weights", trace.weights, sep="\n")
print("row_sums:", [round(trace.weights[i].sum().item(), 3) for i in range(4)])
best, where = trace.weights.max(dim=1)
for query in range(4):
    print("query=" + str(query), "->", "key=" + str(where[query].item()), "weight=" + format(best[query].item(), ".3f"))
print("by_hand", three(trace.mixed), "by_library", three(function), sep="\n")
print("all values agree:", torch.allclose(trace.mixed, function, atol=1e-5))
print("by_layer")
print("layer:", type(layer).__name__)
print(f"x: shape={tuple(reader.Q[None].shape)} dtype={reader.Q.dtype}")
print(f"out: shape={tuple(out.shape)} shares={tuple(shares.shape)}")
last = shares[0][-1]
print("shares of the last query:", [round(v, 3) for v in last.tolist()])
print("largest share of a later token:", torch.triu(shares[0], diagonal=1).max().item())
