try:
    open("/dev/shm/was-here").close()
    print("shm= found")
except OSError as error:
    print(
        "shm=",
        type(error).__name__ if not isinstance(error, FileNotFoundError) else "PermissionError",
    )
