"""The worst hand-ins of a class: each would stop it, slow it down or fill its results."""

from __future__ import annotations

_FLOOD = "import os\nwhile True:\n    os.write({}, b'x' * 65536)\n"
_NAMES = "print((c:=chr(131072)*200)+'\\n'+c+' '+'a=1 '*9999)\n"

WORST = {
    "400-digits.py": "x = "
    + "9" * 400
    + "\nprint('one_training_step')\nprint('loss_before=', 0.1927)\n",
    "endless.py": "while True:\n    pass\n",
    "flood.py": _FLOOD.format(1),
    "flood-errors.py": _FLOOD.format(2),
    "memory.py": "kept = []\nwhile True:\n    kept.append(bytearray(b'x' * 10_000_000))\n",
    "nested.py": "x = " + "(" * 1_000_000,
    "one-hash.py": "print('mini_training_loop')\n"
    "for n in range(1, 5000):\n    print(f'step={(2**61 - 1) * n}')\n",
    "quadratic.py": 'a = 1\nf"' + "{a}" * 340_000 + '"\n',
    "readings.py": _NAMES,
    "sections.py": "print('mini_training_loop\\n' * 999 + 'step=1 loss=1 ' * 5000)\n",
}
"""By file name, which puts them first in their class."""
