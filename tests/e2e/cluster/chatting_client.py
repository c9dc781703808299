"""A python-socketio client that chats: chatting_client.py URL ROOM COUNT TRANSPORT...

Joins the room, sends so many messages, each with its ack, and prints `said`. Then it prints the content of each
message of others until one says `end`.
"""

import queue
import sys

import socketio

url, room, count, *transports = sys.argv[1:]
client = socketio.Client(reconnection=False)
heard = queue.Queue()
client.on("new_message", heard.put)
client.connect(url, transports=transports, auth={"username": "python"}, wait_timeout=30)
joined = client.call("join_room", {"room": room}, timeout=30)
assert joined["ok"], joined
for i in range(int(count)):
    sent = client.call("send_message", {"room": room, "content": f"python {i}"}, timeout=30)
    assert sent["ok"], sent
print("said", flush=True)
content = ""
while content != "end":
    content = heard.get(timeout=30)["content"]
    print(content, flush=True)
client.disconnect()
