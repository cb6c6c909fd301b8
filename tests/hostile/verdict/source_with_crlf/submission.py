if True:
    print(PUBLISHED)
