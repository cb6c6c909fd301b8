ANSWER = b"print('prediction_before=', 0.818)"

for name, path in (("own", os.getcwd()), ("parent", "/slot"), ("script", "submission.py")):
    attempt(name, lambda path=path: os.setxattr(path, "user.answer", ANSWER))
try:
    print("kept", os.getxattr(os.getcwd(), "user.answer") == ANSWER)
except OSError:
    print("kept", False)
