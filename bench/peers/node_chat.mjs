// A chat on Node's Socket.IO, as its documentation teaches.
import Database from 'libsql';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';

const text = { type: 'string' };
const { values: asked } = parseArgs({
  options: { port: text, db: text, durability: { ...text, default: 'full' } },
});

const db = new Database(asked.db);
db.pragma('journal_mode = WAL');
db.pragma(`synchronous = ${asked.durability}`);
db.exec(`CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, room TEXT NOT NULL,
  username TEXT NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL)`);
const insert = db.prepare(
  'INSERT INTO messages (room, username, content, created_at) VALUES (?, ?, ?, ?)',
);

function store(room, username, content) {
  const created_at = new Date().toISOString();
  const { lastInsertRowid: id } = insert.run(room, username, content, created_at);
  return { id, room, username, content, created_at };
}

const http = createServer();
const io = new Server(http);

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

http.listen(Number(asked.port), '127.0.0.1');
