import socket


def knock(path):
    socket.socket(socket.AF_UNIX).connect(path)


attempt("run", lambda: knock("/run/docker.sock"))
attempt("var_run", lambda: knock("/var/run/docker.sock"))
attempt("containerd", lambda: knock("/run/containerd/containerd.sock"))
attempt("exists", lambda: os.stat("/run/docker.sock"))
