import json
import os

for number in range(1, 8):
    body = json.dumps(
        {
            "type": "result",
            "id": number,
            "outcome": {"kind": "exited", "code": 0},
            "stdout": "",
            "stderr": "",
            "wall_s": 0.0,
            "cpu_s": 0.0,
            "walls": [],
            "missing": [],
        }
    ).encode()
    frame = len(body).to_bytes(4, "big") + body
    # As the engine's stream has it, too: its header in front.
    for data in (frame, b"\x01\0\0\0" + len(frame).to_bytes(4, "big") + frame):
        os.write(1, data)
        os.write(2, data)
