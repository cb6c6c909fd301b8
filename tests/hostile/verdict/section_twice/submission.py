print(PUBLISHED)
print("mini_training_loop\nstep=2 loss=0.7777 pred=0.918")
