name = "é"
print(PUBLISHED)
