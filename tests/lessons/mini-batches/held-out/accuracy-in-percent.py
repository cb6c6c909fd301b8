import torch, torch.nn as nn, torch.nn.functional as F
g=torch.Generator().manual_seed(2)
c=torch.tensor([[0.,1.5],[1.5,-1.],[-1.5,-1.]])
y=torch.arange(24)%3
X=c[y]+0.9*torch.randn(24,2,generator=g)
ds=torch.utils.data.TensorDataset(X,y)
dl=torch.utils.data.DataLoader(ds,batch_size=10,shuffle=True,generator=torch.Generator().manual_seed(1))
torch.manual_seed(3)
l1=nn.Linear(2,8)
dr=nn.Dropout(0.25)
l2=nn.Linear(8,3)
m=nn.Sequential(l1,nn.ReLU(),dr,l2)
o=torch.optim.SGD(m.parameters(),0.3)
for e in range(1,4):
    m.train()
    b=0
    for xb,yb in dl:
        b+=1
        L=F.cross_entropy(m(xb),yb)
        o.zero_grad(set_to_none=False)
        L.backward()
        o.step()
        if e<3:
            print("epoch=%d batch=%d x_shape=%s loss=%.4f"%(e,b,tuple(xb.shape),L.item()))
    m.eval()
    with torch.no_grad():
        s=m(X)
        L=F.cross_entropy(s,y)
    p=s.argmax(1)
    print("epoch=%d eval_loss=%.4f correct=%d/24"%(e,L.item(),(p==y).sum()))
m.train()
print("train mode gives the same twice:",torch.equal(m(X),m(X)))
m.eval()
print("eval mode gives the same twice:",torch.equal(m(X),m(X)))
print("first eight chosen:",p[:8].tolist())
print("accuracy: %.3f"%(100*(p==y).float().mean()))
t=torch.zeros(3,3,dtype=torch.long)
t.index_put_((y,p),torch.ones(24,dtype=torch.long),accumulate=True)
print("confusion_matrix rows=true cols=chosen")
print(t.tolist())
