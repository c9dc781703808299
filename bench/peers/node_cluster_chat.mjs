// One of several chats on Node's Socket.IO with its Redis adapter, as its documentation teaches. It stores
// nothing. The packages are those of the repository's tests.
import { createAdapter } from '@socket.io/redis-adapter';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const text = { type: 'string' };
const { values: asked } = parseArgs({ options: { port: text, redis: text } });

const publisher = createClient({ url: asked.redis });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });
let sent = 0;

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
    const message = { id: ++sent, room, username, content, created_at: new Date().toISOString() };
    socket.to(room).emit('new_message', message);
    ack?.({ ok: true, message });
  });

  socket.on('disconnecting', () => {
    for (const room of socket.rooms) {
      if (room !== socket.id) socket.to(room).emit('user_left', { room, username });
    }
  });
});

http.listen(Number(asked.port), '127.0.0.1');
