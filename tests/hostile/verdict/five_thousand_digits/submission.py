print(PUBLISHED.replace("0.1927", "9" * 5000))
print("huge=", "1e" + "9" * 5000)
