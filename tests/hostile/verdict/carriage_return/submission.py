print(PUBLISHED.replace("0.1927", "0.1927\rloss_before= 0.9999"))
