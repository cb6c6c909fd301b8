import socket
import stat


def in_place_of_script():
    os.rename("submission.py", "other")
    os.mkfifo("submission.py")


attempt("fifo", lambda: os.mkfifo("fifo"))
attempt("in_place_of_script", in_place_of_script)
attempt("device", lambda: os.mknod("device", 0o600 | stat.S_IFBLK, os.makedev(8, 0)))
attempt("socket", lambda: socket.socket(socket.AF_UNIX).bind("socket"))
