"""A chat on Flask-SocketIO, as its documentation teaches."""
from flask import Flask, session
from flask_socketio import SocketIO, emit, join_room, leave_room, rooms

from message_store import MessageStore, options

asked = options()
store = MessageStore(asked.db, asked.durability)
app = Flask(__name__)
app.secret_key = "for the session of each connection"
socketio = SocketIO(app, async_mode="gevent", cors_allowed_origins="*")


def tell(event, room, **payload):
    """Tells the others in the room."""
    payload.update(room=room, username=session["username"])
    emit(event, payload, to=room, include_self=False)


@socketio.on("connect")
def connect(auth):
    session["username"] = (auth or {}).get("username", "guest")


@socketio.on("join_room")
def on_join_room(data):
    join_room(data["room"])
    tell("user_joined", data["room"])
    return {"ok": True}


@socketio.on("leave_room")
def on_leave_room(data):
    leave_room(data["room"])
    tell("user_left", data["room"])
    return {"ok": True}


@socketio.on("send_message")
def on_send_message(data):
    message = store.add(data["room"], session["username"], data["content"])
    emit("new_message", message, to=data["room"], include_self=False)
    return {"ok": True, "message": message}


@socketio.on("typing")
def on_typing(data):
    tell("typing", data["room"], is_typing=data["is_typing"])
    return {"ok": True}


@socketio.on("disconnect")
def disconnect():
    for room in rooms()[:]:
        tell("user_left", room)


if __name__ == "__main__":
    socketio.run(app, host="127.0.0.1", port=asked.port)
