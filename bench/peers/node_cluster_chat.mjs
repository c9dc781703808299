// One of several chats on Node's Socket.IO with its Redis adapter, as its documentation teaches. It stores
// nothing. The packages are those of the repository's tests.
import { createAdapter } from '@socket.io/redis-adapter';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { serveChat } from './node_events.mjs';

const text = { type: 'string' };
const { values: asked } = parseArgs({ options: { port: text, redis: text } });

const publisher = createClient({ url: asked.redis });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });
let sent = 0;

serveChat(io, (room, username, content) => ({
  id: ++sent,
  room,
  username,
  content,
  created_at: new Date().toISOString(),
}));

http.listen(Number(asked.port), '127.0.0.1');
