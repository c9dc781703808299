"""Publishes as a worker of python-socketio does: bridge_emit.py URL reads lines of JSON, the arguments
of RedisManager.emit by name, and writes one line for each. `tuple` is a list that is published as
a tuple of arguments."""
import json
import sys

import socketio

manager = socketio.RedisManager(sys.argv[1], write_only=True)
for line in sys.stdin:
    call = json.loads(line)
    if "close" in call:
        manager.close_room(call["close"])
    else:
        several = call.pop("tuple", None)
        data = tuple(several) if several is not None else call.pop("data", None)
        if call.pop("bytes", False):
            data = b"bytes"
        manager.emit(call.pop("event"), data, **call)
    print("published", flush=True)
