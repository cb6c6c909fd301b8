print(PUBLISHED.replace("loss_before= 0.1927", "loss_before= 0.9999"))
print(PUBLISHED)
