import socket


def send(address):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address)


attempt("address", lambda: send(("192.0.2.1", 53)))
attempt("neighbour", lambda: send(("neighbour", 9000)))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
