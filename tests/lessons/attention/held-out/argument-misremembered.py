"""Attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TOKENS: int = 4
WIDTH: int = 6


def causal_mask(size: int) -> Tensor:
    return torch.tensor([[col <= row for col in range(size)] for row in range(size)])


def weights_of(queries: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
    scaled = queries @ keys.mT / WIDTH**0.5
    scaled[~mask] = float("-inf")
    return torch.softmax(scaled, dim=1)


def as_rows(matrix: Tensor, columns: int = 3) -> list[list[float]]:
    return [[round(float(value), 3) for value in row[:columns]] for row in matrix]


def by_layer(queries: Tensor, mask: Tensor) -> tuple[str, Tensor, Tensor]:
    layer = nn.MultiheadAttention(WIDTH, num_heads=2, batch_first=True)
    batch = queries.unsqueeze(0)
    with torch.inference_mode():
        mixed, shares = layer(query=batch, key=batch, value=batch, attn_mask=mask.logical_not())
    return type(layer).__name__, mixed, shares


def main() -> None:
    torch.set_printoptions(precision=3, sci_mode=False)
    torch.manual_seed(1)
    queries, keys, values = torch.randn(3, TOKENS, WIDTH)
    mask = causal_mask(TOKENS)
    print(f"may_look_at\n{mask}")
    weights = weights_of(queries, keys, mask)
    print(f"weights\n{weights}")
    print(f"row_sums: {[round(sum(row), 3) for row in weights.tolist()]}")
    for number, row in enumerate(weights.tolist()):
        best = max(range(TOKENS), key=lambda key: row[key])
        print(f"query={number} -> key={best} weight={row[best]:.3f}")
    hand = weights @ values
    library = F.scaled_dot_product_attention(
        queries.unsqueeze(0), keys.unsqueeze(0), values.unsqueeze(0), causal=True
    ).squeeze(0)
    print("by_hand", as_rows(hand), sep="\n")
    print("by_library", as_rows(library), sep="\n")
    print(f"all values agree: {torch.allclose(hand, library, atol=1e-05)}")
    name, mixed, shares = by_layer(queries, mask)
    print("by_layer")
    print(f"layer: {name}")
    print(f"x: shape={(1, TOKENS, WIDTH)} dtype={queries.dtype}")
    print(f"out: shape={tuple(mixed.shape)} shares={tuple(shares.shape)}")
    print(f"shares of the last query: {as_rows(shares[0], TOKENS)[TOKENS - 1]}")
    later = max(shares[0, row, col].item() for row in range(TOKENS) for col in range(row + 1, TOKENS))
    print(f"largest share of a later token: {later}")


if __name__ == "__main__":
    main()
