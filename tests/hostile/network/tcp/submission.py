import socket

attempt("address", lambda: socket.create_connection(("192.0.2.1", 80), timeout=1))
attempt("neighbour", lambda: socket.create_connection(("neighbour", 9000), timeout=3))
attempt("listen", lambda: socket.create_server(("0.0.0.0", 8123)))
