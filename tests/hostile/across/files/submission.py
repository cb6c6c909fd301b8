import os

open("answer", "w").write("answer")
os.makedirs(".hidden/deep")
open(".hidden/deep/file", "w").write("x")
os.rename("submission.py", "not-submission.py")
print("left")
