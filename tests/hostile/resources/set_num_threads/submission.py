import torch

torch.set_num_threads(20)
print("asked")
a = torch.ones(1500, 1500)
print("multiplied", (a @ a).sum().item(), torch.ones(10**7).exp().sum().item())
