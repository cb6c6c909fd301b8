import json

answers = json.loads("""
{"one_training_step": {"prediction_before": 0.825, "loss_before": 0.1927,
  "weight_grad": [[-0.1753, -0.3505]], "bias_grad": [-0.1753],
  "prediction_after": 0.888, "loss_after": 0.1183},
 "mini_training_loop": [[0.1183, 0.888], [0.0861, 0.918], [0.0678, 0.934], [0.0560, 0.945], [0.0478, 0.953]]}
""")
for section, values in answers.items():
    print(section)
    if isinstance(values, dict):
        for key, value in values.items():
            print(f"{key}=", value)
    else:
        for step, (loss, pred) in enumerate(values, 1):
            print(f"step={step} loss={loss:.4f} pred={pred:.3f}")
