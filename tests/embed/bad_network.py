"""A TCP proxy that does to connections what bad networks do."""
import socket
import threading


class Line:
    """One connection through the proxy; to_server and to_client are its two directions."""

    def __init__(self, client, server):
        self.ends = {"to_server": (client, server), "to_client": (server, client)}
        self.mode = {"to_server": "pass", "to_client": "pass"}
        self.changed = threading.Condition()
        self.is_open = True
        for direction in self.ends:
            threading.Thread(target=self.pump, args=(direction,), daemon=True).start()

    def pump(self, direction):
        source, target = self.ends[direction]
        try:
            while data := source.recv(65536):
                with self.changed:
                    self.changed.wait_for(lambda: self.mode[direction] != "stall" or not self.is_open)
                    mode = self.mode[direction]
                if mode == "pass":
                    target.sendall(data)
        except OSError:
            pass
        # The end of a stalled or swallowed direction is not passed on either.
        if self.mode[direction] == "pass":
            self.close()

    def set(self, mode, *directions):
        with self.changed:
            for each in directions or self.ends:
                self.mode[each] = mode
            self.changed.notify_all()

    def close(self):
        with self.changed:
            self.is_open = False
            self.changed.notify_all()
        for end in self.ends["to_server"]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()


class BadNetwork:
    """Passes connections on to a port of this machine."""

    def __init__(self, port):
        self.to = port
        self.lines = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            try:
                self.lines.append(Line(client, socket.create_connection(("127.0.0.1", self.to))))
            except OSError:
                client.close()

    # What happens to the connections that there are; new ones work.
    def stall(self):
        for each in self.lines:
            each.set("stall")

    def swallow(self, direction):
        for each in self.lines:
            each.set("swallow", direction)

    def cut(self):
        for each in self.lines:
            each.close()

    def close(self):
        self.listening.close()
        self.cut()
