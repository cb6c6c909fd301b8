import sys

sys.set_int_max_str_digits(0)
print("computed", len(str(7**300_000)))
