import socket

attempt("neighbour", lambda: socket.getaddrinfo("neighbour", 80))
attempt("servers", lambda: open("/etc/resolv.conf").read())
