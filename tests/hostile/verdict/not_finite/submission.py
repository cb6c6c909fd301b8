text = PUBLISHED.replace("0.1927", "nan").replace("0.825", "1e999").replace("0.1183", "-inf")
print(text)
