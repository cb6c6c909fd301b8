# Übung 6.1.4 – Vorwärts- und Rückwärtsschritt
import torch
from torch import nn

torch.manual_seed(42)  # für alle dieselben Gewichte

eingabe = torch.tensor([[1.0, 2.0]])
ziel = torch.tensor([[1.0]])

netz = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
verlustfunktion = nn.BCELoss()
optimierer = torch.optim.SGD(netz.parameters(), lr=0.5)

print("one_training_step")

# Vorhersage vor dem Schritt
with torch.no_grad():
    print("prediction_before=", round(netz(eingabe).item(), 3))

größe = netz(eingabe)  # Vorwärtsschritt
verlust = verlustfunktion(größe, ziel)
optimierer.zero_grad()  # alte Gradienten löschen
verlust.backward()  # Rückwärtsschritt
print("loss_before=", round(verlust.item(), 4))
print("weight_grad=", netz[0].weight.grad)
print("bias_grad=", netz[0].bias.grad)
optimierer.step()

with torch.no_grad():
    danach = netz(eingabe)
    print("prediction_after=", round(danach.item(), 3))
    print("loss_after=", round(verlustfunktion(danach, ziel).item(), 4))

print("mini_training_loop")
for schritt in range(1, 6):
    vorhersage = netz(eingabe)
    verlust = verlustfunktion(vorhersage, ziel)
    optimierer.zero_grad()
    verlust.backward()
    optimierer.step()
    print(f"step={schritt} loss={verlust.item():.4f} pred={vorhersage.item():.3f}")
