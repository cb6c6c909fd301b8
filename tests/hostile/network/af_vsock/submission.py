import socket

attempt("stream", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("datagram", lambda: socket.socket(40, socket.SOCK_DGRAM))
