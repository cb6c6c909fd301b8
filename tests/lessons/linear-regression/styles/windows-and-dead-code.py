import torch as t
x=t.arange(8,dtype=t.float).view(-1,1)
y=2.5*x+4.0+0.5*t.randn(8,1,generator=t.Generator().manual_seed(1))
print("data"); print("hours:",tuple(x.shape)); print("score_mean=",round(y.mean().item(),3))
print("two_optimizers")
t.manual_seed(8)
m=t.nn.Linear(1,1)
o=t.optim.SGD(m.parameters(),lr=0.01)
for i in range(120):
    p=m(x)
    l=t.mean(t.square(y-p))
    o.zero_grad()
    l.backward()
    if i in (0,19,119):
        print("sgd   ",f"step={i+1:<3}",f"loss={l.item():.3f}",f"w={m.weight.item():.3f}",f"b={m.bias.item():.3f}")
    o.step()
t.manual_seed(8)
m2=t.nn.Linear(1,1)
o2=t.optim.Adam(m2.parameters(),lr=0.2)
for i in range(120):
    p=m2(x)
    l=t.mean(t.square(y-p))
    o2.zero_grad()
    l.backward()
    if i in (0,19,119):
        print("adam  ",f"step={i+1:<3}",f"loss={l.item():.3f}",f"w={m2.weight.item():.3f}",f"b={m2.bias.item():.3f}")
    o2.step()
unused=[q*q for q in range(3)]
if False:
    t.manual_seed(99)
print("learned")
a,c=m2.weight.item(),m2.bias.item()
print("score gained per hour:",round(a,2))
print("score without any work:",f"{c:.2f}")
print("Predicted score for 10 hours of work:",round(10*a+c,1))
print("weight_grad=",[[round(m2.weight.grad.item(),3)]])
print("bias_grad=",[round(m2.bias.grad.item(),3)])
