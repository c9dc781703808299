// A chat client to be killed: client_child.mjs URL polling|websocket|upgrade ROOM…
// Prints a line once alice is in every room, and by polling when her next poll has left; then stays.
import { once } from 'node:events';
import http from 'node:http';
import { io } from 'socket.io-client';

const [url, transport, ...rooms] = process.argv.slice(2);
let lastRequest;
const { request } = http;
http.request = (...args) => (lastRequest = request(...args));
const socket = io(url, {
  transports: transport === 'upgrade' ? ['polling', 'websocket'] : [transport],
  auth: { username: 'alice' },
  reconnection: false,
});
const joins = rooms.map((room) => socket.emitWithAck('join_room', { room }));
await Promise.all(joins);
if (transport === 'upgrade' && socket.io.engine.transport.name !== 'websocket') {
  await new Promise((resolve) => socket.io.engine.once('upgrade', resolve));
}
// The next poll leaves right after the acks have come. A client that is killed before that is between two
// polls, and the server notices only when a ping is not answered.
if (transport === 'polling' && !lastRequest.writableFinished) await once(lastRequest, 'finish');
console.log('joined');
