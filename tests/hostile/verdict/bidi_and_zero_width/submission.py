print(
    PUBLISHED.replace(
        "loss_before= 0.1927",
        "loss\u200b_before= \u202e7291.0\u2066\ufeff\nl\u043ess_before= 0.1927",
    )
)
