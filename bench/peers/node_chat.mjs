// A chat on Node's Socket.IO, as its documentation teaches.
import Database from 'libsql';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';
import { serveChat } from './node_events.mjs';

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

serveChat(io, store);

http.listen(Number(asked.port), '127.0.0.1');
