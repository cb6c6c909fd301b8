import socket


def speak(family, host):
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        with socket.socket(family) as client:
            client.connect(server.getsockname())


attempt("four", lambda: speak(socket.AF_INET, "127.0.0.1"))
attempt("six", lambda: speak(socket.AF_INET6, "::1"))
attempt("pair", socket.socketpair)
