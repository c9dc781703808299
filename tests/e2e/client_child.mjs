// A chat client to be killed: client_child.mjs URL polling|websocket|upgrade ROOM…
// Prints a line once alice is in every room, then stays.
import { io } from 'socket.io-client';

const [url, transport, ...rooms] = process.argv.slice(2);
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
console.log('joined');
