text = PUBLISHED.replace("0.825", "0_0.8_25").replace("0.1927", "٠.١٩٢٧").replace("0.888", "+0.888")
print(text)
