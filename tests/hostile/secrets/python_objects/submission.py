import gc
import sys

HALVES = []
ENOUGH = 3_000_000


def texts(value):
    if type(value) in (bytes, bytearray):
        yield bytes(value)
    elif type(value) is str:
        yield value.encode(errors="replace")


def is_secret(text):
    for first, second in HALVES:
        at = text.find(first)
        if at >= 0 and text[at + len(first) :].startswith(second):
            return True
    return False


seen = set()
found = 0
gc.unfreeze()  # the fork server froze what it had, which hides it from the next line
queue = [*gc.get_objects(), *sys.modules.values()]
frame = sys._getframe()
while frame:
    queue += [frame.f_locals, frame.f_globals, frame.f_builtins]
    frame = frame.f_back
while queue and len(seen) < ENOUGH:
    value = queue.pop()
    if id(value) in seen or value is queue or value is HALVES:
        continue
    seen.add(id(value))
    found += any(is_secret(text) for text in texts(value))
    try:
        queue += gc.get_referents(value)
    except Exception:
        pass
print("objects=", len(seen))
print("found=", found)
