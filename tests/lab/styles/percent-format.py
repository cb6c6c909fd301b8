import torch
import torch.nn as nn

torch.manual_seed( 42 )

x = torch.tensor( [ [ 1.0, 2.0 ] ] )
y = torch.tensor( [ [ 1.0 ] ] )
model = nn.Sequential( nn.Linear( 2, 1 ), nn.Sigmoid() )
lossFunction = nn.BCELoss()
optimiser = torch.optim.SGD( model.parameters(), lr = 0.5 )

print( 'one_training_step' )
prediction = model( x )
print( 'prediction_before= %5.3f' % prediction )
loss = lossFunction( prediction, y )
print( 'loss_before= %6.4f' % loss )
optimiser.zero_grad()
loss.backward()
print( 'weight_grad= [[%.4f, %.4f]]' % tuple( model[ 0 ].weight.grad[ 0 ].tolist() ) )
print( 'bias_grad= [%.4f]' % model[ 0 ].bias.grad.item() )
optimiser.step()
prediction = model( x )
print( 'prediction_after= %5.3f' % prediction )
print( 'loss_after= %6.4f' % lossFunction( prediction, y ) )

print( 'mini_training_loop' )
for step in range( 1, 6 ):
    prediction = model( x )
    loss = lossFunction( prediction, y )
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    print( 'step=%d loss=%.4f pred=%.3f' % ( step, loss, prediction ) )
