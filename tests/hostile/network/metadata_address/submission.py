import socket
import urllib.request

attempt("four", lambda: socket.create_connection(("169.254.169.254", 80), timeout=1))
attempt("six", lambda: socket.create_connection(("fd00:ec2::254", 80), timeout=1))
try:
    urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=1)
    print("by_url= worked")
except Exception as error:
    print("by_url=", type(error).__name__)
