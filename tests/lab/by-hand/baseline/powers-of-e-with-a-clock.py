import time, math
import torch
start=time.time()


w=[0.5406,0.5869]; b=-0.1657
x=[1.0,2.0]; y=1.0; lr=0.5
def sig(z): return 1/(1+math.e**(-z))
def fwd(): return sig(w[0]*x[0]+w[1]*x[1]+b)
def loss(p): return -math.log(p)
def step():
    global b
    p=fwd(); g=p-y
    for i in range(2): w[i]-=lr*g*x[i]
    b-=lr*g
print("one_training_step")
p=fwd(); g=p-y
print("prediction_before=",round(p,3)); print("loss_before=",round(loss(p),4))
print("weight_grad=",[[round(g*x[0],4),round(g*x[1],4)]]); print("bias_grad=",[round(g,4)])
step()
print("prediction_after=",round(fwd(),3)); print("loss_after=",round(loss(fwd()),4))
print("mini_training_loop")
for i in range(1,6):
    p=fwd(); print(f"step={i} loss={loss(p):.4f} pred={p:.3f}"); step()
print("took", time.time()-start)
