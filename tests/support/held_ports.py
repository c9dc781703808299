"""Prints a free port for each line of standard input, and keeps it free until that ends.

A socket is bound to it which does not listen, so that the kernel gives it to nobody: neither to a
server that asks for any port nor to a connection that goes out. Whoever names it may listen on it, by
SO_REUSEADDR, which servers set: one after the other, for as long as this runs.
"""

import socket
import sys

held = []
for _ in sys.stdin:
    held.append(socket.socket())
    held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held[-1].bind(("0.0.0.0", 0))
    print(held[-1].getsockname()[1], flush=True)
