import torch

torch.manual_seed(3)
matrix = torch.randn(2, 3, requires_grad=True)
vec = torch.randn(3, requires_grad=True)

print('leaf_and_result')
zahl = torch.tensor([2.0], requires_grad=True)
wert = zahl * zahl * zahl + zahl * 5
wert = wert.sum()
poly = torch.tensor(2., requires_grad=True)
ergebnis = poly**3 + 5*poly
print('x=' + str(zahl.item()) + ' -> y=' + str(wert.item()))
print('x.is_leaf:', zahl.is_leaf, '', 'y.is_leaf:', wert.is_leaf)
print('y.grad_fn:', type(ergebnis.grad_fn).__name__)
print('x.grad before:', zahl.grad)
wert.backward()
print('x.grad:', zahl.grad.item())

print('accumulation')
count = 0
while count < 3:
    count = count + 1
    (zahl * zahl * zahl + zahl * 5).backward()
    print('times=' + str(count), 'grad=' + str(zahl.grad.item()))
zahl.grad.fill_(0)
(zahl**3 + 5 * zahl).backward(torch.ones(1))
print('times=1', 'grad=' + str(zahl.grad.item()))

print('detach')
faktor = torch.tensor(3.0, requires_grad=True)
ganz = faktor * faktor
ganz.backward()
erste = faktor.grad.item()
faktor.grad = None
konstante = faktor.detach().clone()
geschnitten = konstante * faktor
geschnitten.backward()
zweite = faktor.grad.item()
print('values equal:', ganz.item() == geschnitten.item())
print('whole  :', erste)
print('cut    :', zweite)
torch.set_grad_enabled(False)
print('inside no_grad: requires_grad', (faktor * faktor).requires_grad)
torch.set_grad_enabled(True)

print('chain')
versteckt = (matrix * vec).sum(dim=1).tanh()
gemerkt = []
versteckt.register_hook(lambda g: gemerkt.append(g.clone()))
verlust = versteckt.pow(2).sum()
verlust.backward()
r = lambda t: [round(float(v), 4) for v in t]
print('loss={:.4f} hidden={}'.format(verlust.item(), r(versteckt)))
print('hidden.grad:', r(gemerkt[0]))
print('b.grad:', r(vec.grad))
print('a.grad:', [r(zeile) for zeile in matrix.grad])
selbst = sum(2 * versteckt[i] * (1 - versteckt[i] ** 2) * matrix[i] for i in range(2))
print('b.grad by hand agrees:', torch.allclose(selbst, vec.grad))
