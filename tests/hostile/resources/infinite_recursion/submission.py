import sys

sys.setrecursionlimit(2**31 - 1)


def deeper(left):
    return deeper(left - 1) if left else "came back"


print(deeper(1_500_000))
