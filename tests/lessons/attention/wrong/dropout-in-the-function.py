import torch
from torch import nn
import torch.nn.functional as F

torch.set_printoptions(precision=3, sci_mode=False)
torch.manual_seed(1)
qkv = torch.randn(3, 4, 6)
query, key, value = qkv[0], qkv[1], qkv[2]

position = torch.arange(4)
visible = position[None, :] <= position[:, None]
logits = torch.einsum("id,jd->ij", query, key) * 6**-0.5
logits = logits + torch.zeros(4, 4).masked_fill_(~visible, -float("inf"))
shifted = logits - logits.amax(dim=-1, keepdim=True)
alpha = shifted.exp() / shifted.exp().sum(dim=-1, keepdim=True)
context = torch.einsum("ij,jd->id", alpha, value)
reference = F.scaled_dot_product_attention(query[None, None], key[None, None], value[None, None], dropout_p=0.5, is_causal=True)[0, 0]


def listed(t):
    import numpy
    return numpy.round(t.detach().numpy().astype("float64"), 3).tolist()


print("may_look_at")
print(visible)
print("weights")
print(alpha)
print("row_sums: {}".format(listed(alpha.sum(-1))))
strongest = alpha.argmax(-1)
for i in position.tolist():
    j = strongest[i]
    print("query={} -> key={} weight={:.3f}".format(i, j.item(), alpha[i, j].item()))
print("by_hand")
print(listed(context[..., :3]))
print("by_library")
print(listed(reference[..., :3]))
print("all values agree: {}".format(torch.allclose(context, reference, rtol=0, atol=1e-5)))
print("by_layer")
mha = nn.MultiheadAttention(embed_dim=6, num_heads=2, batch_first=True)
tokens = query.view(1, 4, 6)
out, probs = mha(tokens, tokens, tokens, attn_mask=~visible, need_weights=True)
print("layer: {}".format(mha._get_name()))
print("x: shape={} dtype={}".format(tuple(tokens.shape), tokens.dtype))
print("out: shape={} shares={}".format(tuple(out.shape), tuple(probs.shape)))
print("shares of the last query: {}".format(listed(probs[0, 3])))
print("largest share of a later token: {}".format(probs.triu(1).max().item()))
