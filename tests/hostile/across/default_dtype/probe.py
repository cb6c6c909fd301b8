import torch

print("dtype=", torch.get_default_dtype())
print("grad=", torch.is_grad_enabled())
print("threads=", torch.get_num_threads())
print("deterministic=", torch.are_deterministic_algorithms_enabled())
