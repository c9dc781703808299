// Clients that connect, join, and are cut off in the middle of it, again and again.
import assert from 'node:assert/strict';
import { Tcp, frame, upgradeRequest } from '../raw.mjs';
import { emptied } from './crowd.mjs';
import { connectionBytes, roomBytes } from './settings.mjs';
import { connectPacket } from './tokens.mjs';

const clients = 200;
const rounds = 10;
const room = 'a room in a storm';

/// How far each gets before it goes; whatever it was, nothing may stay of it.
const stages = [
  async () => {},
  async (tcp) => tcp.write('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHo'),
  async (tcp) => tcp.write(upgradeRequest('/socket.io/?EIO=4&transport=websocket')),
  async (tcp, i) => {
    tcp.write(upgradeRequest('/socket.io/?EIO=4&transport=websocket'));
    tcp.write(frame(connectPacket(`storm-${i}`)));
    tcp.write(frame(`420["join_room",${JSON.stringify(room)}]`));
    await tcp.untilOrClosed((text) => text.includes('430['));
  },
];

async function comeAndGo(server, from, i) {
  for (let round = 0; round < rounds; ++round) {
    const tcp = await Tcp.open(server, { from });
    await stages[(i + round) % stages.length](tcp, i);
    await tcp.cutOff();
  }
}

export const reconnectStorm = {
  title: 'a storm of reconnects',
  memory: () => roomBytes + 2 * clients * connectionBytes,
  async run({ server, from }) {
    await Promise.all(Array.from({ length: clients }, (_, i) => comeAndGo(server, from, i)));
    await emptied(server, room);
    assert.equal((await server.get('/readyz')).status, 200);
  },
};
