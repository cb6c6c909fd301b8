import torch
from torch import nn
w=torch.tensor([[0.5406,0.5869]]); b=torch.tensor([-0.1657])
x=torch.tensor([[1.0,2.0]]); y=torch.tensor([[1.0]]); lr=0.5
lf=nn.BCELoss()
def fwd(): return torch.sigmoid(x@w.T+b)
print("one_training_step")
p=fwd(); g=(p-y); gw=g.T@x; gb=g.sum(0)
print("prediction_before=",round(p.item(),3)); print("loss_before=",round(lf(p,y).item(),4))
print("weight_grad=",[[round(v,4) for v in gw[0].tolist()]]); print("bias_grad=",[round(v,4) for v in gb.tolist()])
w=w-lr*gw; b=b-lr*gb
p=fwd()
print("prediction_after=",round(p.item(),3)); print("loss_after=",round(lf(p,y).item(),4))
import random; print(random.random())
print("mini_training_loop")
for i in range(1,6):
    p=fwd(); g=p-y
    print(f"step={i} loss={lf(p,y).item():.4f} pred={p.item():.3f}")
    w=w-lr*(g.T@x); b=b-lr*g.sum(0)
