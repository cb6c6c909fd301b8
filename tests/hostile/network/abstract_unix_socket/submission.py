import socket


def speak(name):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(name)


attempt("abstract", lambda: speak("\0labcheck-hostile"))
attempt("unheard", lambda: socket.socket(socket.AF_UNIX).connect("\0labcheck-nobody"))
attempt("named", lambda: speak("socket"))
