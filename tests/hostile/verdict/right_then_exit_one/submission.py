print(PUBLISHED)
raise SystemExit(1)
