// The events of the chats on Node's Socket.IO.

/// Answers the clients of a Socket.IO server. `store(room, username, content)` returns the message.
export function serveChat(io, store) {
  io.on('connection', (socket) => {
    const { username = 'guest' } = socket.handshake.auth;

    socket.on('join_room', ({ room }, ack) => {
      socket.join(room);
      socket.to(room).emit('user_joined', { room, username });
      ack?.({ ok: true });
    });

    socket.on('leave_room', ({ room }, ack) => {
      socket.leave(room);
      socket.to(room).emit('user_left', { room, username });
      ack?.({ ok: true });
    });

    socket.on('send_message', ({ room, content }, ack) => {
      const message = store(room, username, content);
      socket.to(room).emit('new_message', message);
      ack?.({ ok: true, message });
    });

    socket.on('typing', ({ room, is_typing }, ack) => {
      socket.to(room).emit('typing', { room, username, is_typing });
      ack?.({ ok: true });
    });

    socket.on('disconnecting', () => {
      for (const room of socket.rooms) {
        if (room !== socket.id) socket.to(room).emit('user_left', { room, username });
      }
    });
  });
}
