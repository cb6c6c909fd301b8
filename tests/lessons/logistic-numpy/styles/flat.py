import numpy as np
np.set_printoptions(precision=3,suppress=True)
r=np.random.default_rng(12)
X=r.standard_normal((30,2))
e=r.standard_normal(30)
y=np.where(1.5*X[:,0]-X[:,1]+0.7*e>0,1.0,0.0)
w=0.1*r.standard_normal(2)
b=0.0
A=X[:22]; a=y[:22]
B=X[22:]; c=y[22:]
print("train size:",len(A),"test size:",len(B))
print(f"X: shape={X.shape} dtype={X.dtype}")
print("first rows:")
print(X[:3])
print(f"share of ones : {y.sum()/30:.3f}")
for i in range(200):
    z=A.dot(w)+b
    p=1/(1+np.exp(-z))
    d=p-a
    gw=A.T.dot(d)/22
    gb=d.sum()/22
    if i==0:
        print("weight_grad",gw)
        print("bias_grad",round(float(gb),4))
    if i==0 or i==9 or i==199:
        l=-(a*np.log(p)+(1-a)*np.log(1-p)).mean()
        t=((p>0.5)==a).mean()
        print("step=%03d, loss=%.4f, acc=%.3f"%(i+1,l,t))
    w-=0.5*gw
    b-=0.5*gb
print("weights:",w)
print("bias: %.3f"%b)
for x in [[0.0,1.0],[1.0,0.0],[1.0,1.0]]:
    q=1/(1+np.exp(-(x[0]*w[0]+x[1]*w[1]+b)))
    print("x=%s prob=%.3f pred=%d"%(x,q,q>0.5))
q=1/(1+np.exp(-(B.dot(w)+b)))
print("test_loss %.4f"%-(c*np.log(q)+(1-c)*np.log(1-q)).mean())
print("test_acc %.3f"%((q>0.5)==c).mean())
print("memory:",w.nbytes+8,"bytes")
