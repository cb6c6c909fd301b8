rows = [
    "epoch=1 batch=1 x_shape=(10, 2) loss=1.0630",
    "epoch=1 batch=2 x_shape=(10, 2) loss=1.2459",
    "epoch=1 batch=3 x_shape=(4, 2) loss=0.9226",
    "epoch=1 eval_loss=0.8065 correct=18/24",
    "epoch=2 batch=1 x_shape=(10, 2) loss=0.8613",
    "epoch=2 batch=2 x_shape=(10, 2) loss=0.8009",
    "epoch=2 batch=3 x_shape=(4, 2) loss=0.9112",
    "epoch=2 eval_loss=0.6814 correct=19/24",
    "epoch=3 eval_loss=0.5962 correct=20/24",
    "train mode gives the same twice: False",
    "eval mode gives the same twice: True",
    "first eight chosen: [0, 2, 2, 0, 1, 2, 0, 1]",
    "accuracy: 0.833",
    "confusion_matrix rows=true cols=chosen",
    "[[8, 0, 0], [2, 5, 1], [0, 1, 7]]",
]
for row in rows:
    print(row)
