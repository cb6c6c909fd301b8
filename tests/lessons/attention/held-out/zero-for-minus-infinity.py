import torch, torch.nn as nn, torch.nn.functional as F
torch.set_printoptions(precision=3,sci_mode=False)
torch.manual_seed(1)
n=4; d=6
z=torch.randn(3,n,d)
q=z[0]; k=z[1]; v=z[2]
m=torch.ones(n,n,dtype=torch.bool).tril()
s=torch.mm(q,k.t())
s=s/d**0.5
s=torch.where(m,s,torch.tensor(0.0))
w=torch.softmax(s,-1)
o=torch.mm(w,v)
print("may_look_at"); print(m)
print("weights"); print(w)
print("row_sums:",[round(t,3) for t in w.sum(1).tolist()])
for i in range(n):
    b=w[i].argmax().item()
    print("query=%d -> key=%d weight=%.3f"%(i,b,w[i,b]))
r=lambda t:[[round(c,3) for c in a] for a in t.tolist()]
print("by_hand"); print(r(o[:,:3]))
p=F.scaled_dot_product_attention(q[None],k[None],v[None],is_causal=True)[0]
print("by_library"); print(r(p[:,:3]))
print("all values agree:",torch.allclose(o,p,atol=1e-5))
l=nn.MultiheadAttention(d,2,batch_first=True)
x=q[None]
a,h=l(x,x,x,attn_mask=~m)
a=a.detach(); h=h.detach()
print("by_layer")
print("layer:",type(l).__name__)
print("x: shape=%s dtype=%s"%(tuple(x.shape),x.dtype))
print("out: shape=%s shares=%s"%(tuple(a.shape),tuple(h.shape)))
print("shares of the last query:",r(h[0])[3])
print("largest share of a later token:",h[0].triu(1).max().item())
