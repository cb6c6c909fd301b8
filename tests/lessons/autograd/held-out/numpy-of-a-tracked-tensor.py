import torch as th
print("leaf_and_result")
x=th.tensor(2.,requires_grad=True)
y=x*x*x+5*x
print(f"x={float(x)} -> y={float(y)}")
print("x.is_leaf:",x.is_leaf," y.is_leaf:",y.is_leaf)
print("y.grad_fn:",type(y.grad_fn).__name__)
print("x.grad before:",x.grad)
y.backward()
print("x.grad:",float(x.grad))
print("accumulation")
y2=x*x*x+5*x
y2.backward()
print("times=2 grad="+str(float(x.grad)))
y3=x*x*x+5*x
y3.backward()
print("times=3 grad="+str(float(x.grad)))
x.grad.zero_()
y4=x*x*x+5*x
y4.backward()
print("times=1 grad="+str(float(x.grad)))
print("detach")
w=th.tensor(3.,requires_grad=True)
p=w*w
q=w.detach()*w
print("values equal:",bool(p==q))
p.backward()
print("whole  :",w.grad.item())
w.grad=None
q.backward()
print("cut    :",w.grad.item())
with th.no_grad():
    r=w*w
print("inside no_grad: requires_grad",r.requires_grad)
print("chain")
th.manual_seed(3)
a=th.randn(2,3,requires_grad=True)
b=th.randn(3,requires_grad=True)
h=th.tanh(a@b)
h.retain_grad()
L=(h*h).sum()
L.backward()
print("loss=%.4f hidden=%s"%(L.item(),[round(float(v),4) for v in h.numpy()]))
print("hidden.grad:",[round(v,4) for v in h.grad.tolist()])
print("b.grad:",[round(v,4) for v in b.grad.tolist()])
print("a.grad:",[[round(v,4) for v in r] for r in a.grad.tolist()])
s=2*h*(1-h**2)
print("b.grad by hand agrees:",th.allclose(a.T@s,b.grad))
