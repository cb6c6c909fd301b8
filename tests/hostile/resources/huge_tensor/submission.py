import torch

attempt("four_terabytes", lambda: torch.empty(10**12))
attempt("four_hundred_megabytes", lambda: torch.ones(10**8))
