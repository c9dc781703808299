// The official JavaScript client, with the arguments and the output lines of returning_client.py.
import readline from 'node:readline';
import { io } from 'socket.io-client';

const [transport, url, room, auth] = process.argv.slice(2);
const socket = io(url, {
  transports: [transport],
  auth: JSON.parse(auth),
  reconnectionDelay: 100,
  reconnectionDelayMax: 200,
});
socket.on('connect', () => socket.emit('join_room', { room }, () => console.log('joined')));
socket.on('disconnect', () => console.log('disconnect'));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'oversized') socket.emit('send_message', 'x'.repeat(1_100_000));
  else if (line === 'misplaced') socket.io.engine.transport.ws.send('6');
  else console.log(socket.active ? 'returning' : 'away');
});
