import io
import torch
from torch import nn, Tensor

torch.set_printoptions(precision=3, sci_mode=False)
buffer = io.StringIO()


def say(*words) -> None:
    print(*words, file=buffer)


def runden(m: Tensor) -> list:
    return [[float(f"{x:.3f}") for x in zeile] for zeile in m.tolist()]


torch.manual_seed(1)
frage, merkmal, inhalt = torch.randn(3, 4, 6)
darf = torch.ones(4, 4) == 1
for zeile in range(4):
    darf[zeile, zeile + 1 :] = False
punkte = frage.mm(merkmal.t()).div(6**0.5)
punkte[~darf] = float("-inf")
anteil = nn.Softmax(dim=-1)(punkte)
eigenes = anteil.mm(inhalt)
fremdes = nn.functional.scaled_dot_product_attention(
    frage.unsqueeze(0), merkmal.unsqueeze(0), inhalt.unsqueeze(0), attn_mask=darf.unsqueeze(0)
)[0]

say("may_look_at")
say(darf)
say("weights")
say(anteil)
say("row_sums:", [float(f"{s:.3f}") for s in anteil.sum(dim=1).tolist()])
werte, stellen = anteil.max(dim=-1)
for nummer, (wert, stelle) in enumerate(zip(werte, stellen)):
    say(f"query={nummer} -> key={int(stelle)} weight={float(wert):.3f}")
say("by_hand")
say(runden(eigenes[:, :3]))
say("by_library")
say(runden(fremdes[:, :3]))
say("all values agree:", torch.allclose(eigenes, fremdes, atol=1e-5))
schicht = nn.MultiheadAttention(embed_dim=6, num_heads=2, batch_first=True)
eingang = frage[None]
with torch.no_grad():
    ausgang, blicke = schicht(eingang, eingang, eingang, attn_mask=~darf, average_attn_weights=False)
blicke = blicke.mean(dim=1)
say("by_layer")
say("layer:", schicht.__class__.__name__)
say(f"x: shape={tuple(eingang.shape)} dtype={eingang.dtype}")
say(f"out: shape={tuple(ausgang.shape)} shares={tuple(blicke.shape)}")
say("shares of the last query:", runden(blicke[0])[2])
say("largest share of a later token:", (blicke[0] * ~darf).max().item())
print(buffer.getvalue(), end="")
