print("a= 1, " * 170_000 + PUBLISHED)
