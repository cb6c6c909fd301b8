print(PUBLISHED.replace("[[", "[" * 200_000))
