import subprocess
import sys

for name in ("sitecustomize", "usercustomize"):
    with open(f"{name}.py", "w") as file:
        file.write("print('customized', flush=True)\n")
subprocess.run([sys.executable, "-c", ""], env={"PYTHONPATH": "."}, check=True)
