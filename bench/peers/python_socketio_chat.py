"""A chat on python-socketio's asyncio server, served by uvicorn."""
import socketio
import uvicorn

from message_store import MessageStore, options

asked = options()
store = MessageStore(asked.db, asked.durability)
sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
app = socketio.ASGIApp(sio)


async def tell(event, sid, room, **payload):
    """Tells the others in the room."""
    async with sio.session(sid) as session:
        payload.update(room=room, username=session["username"])
    await sio.emit(event, payload, to=room, skip_sid=sid)


@sio.event
async def connect(sid, environ, auth):
    await sio.save_session(sid, {"username": (auth or {}).get("username", "guest")})


@sio.event
async def join(sid, data):
    sio.enter_room(sid, data["room"])
    await tell("user_joined", sid, data["room"])
    return {"ok": True}


@sio.event
async def leave(sid, data):
    sio.leave_room(sid, data["room"])
    await tell("user_left", sid, data["room"])
    return {"ok": True}


@sio.event
async def send_message(sid, data):
    session = await sio.get_session(sid)
    message = store.add(data["room"], session["username"], data["content"])
    await sio.emit("new_message", message, to=data["room"], skip_sid=sid)
    return {"ok": True, "message": message}


@sio.event
async def typing(sid, data):
    await tell("typing", sid, data["room"], is_typing=data["is_typing"])
    return {"ok": True}


@sio.event
async def disconnect(sid):
    for room in sio.rooms(sid):
        if room != sid:
            await tell("user_left", sid, room)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")
