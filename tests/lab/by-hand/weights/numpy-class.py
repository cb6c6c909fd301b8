import numpy as np
class Net:
    def __init__(s): s.w=np.array([[0.5406,0.5869]]); s.b=np.array([-0.1657])
    def __call__(s,x): return 1/(1+np.exp(-(x@s.w.T+s.b)))
net=Net(); x=np.array([[1.0,2.0]]); y=1.0; lr=0.5
def loss(p): return -np.log(p)
r=lambda a: np.round(a,4).tolist()
print("one_training_step")
p=net(x); g=p-y
print("prediction_before=",round(float(p[0,0]),3)); print("loss_before=",round(float(loss(p)[0,0]),4))
gw=g*x; gb=g[0]
print("weight_grad=",r(gw)); print("bias_grad=",r(gb))
print("weight_before=",r(net.w)); print("bias_before=",r(net.b))
net.w-=lr*gw; net.b-=lr*gb
print("weight_after=",r(net.w)); print("bias_after=",r(net.b))
p=net(x)
print("prediction_after=",round(float(p[0,0]),3)); print("loss_after=",round(float(loss(p)[0,0]),4))
