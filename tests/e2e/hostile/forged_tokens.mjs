// Tokens forged in every way, over Socket.IO and over HTTP: none opens anything.
import assert from 'node:assert/strict';
import { connectRaw, EngineWebSocket } from '../raw.mjs';
import { request } from '../support.mjs';
import { connectionBytes } from './settings.mjs';
import { credentials, forgeries } from './tokens.mjs';

const victim = 'good-1';

async function overSocket(server, what, token) {
  const session = await EngineWebSocket.open(server);
  session.send(`40${JSON.stringify({ token })}`);
  const answer = await session.find((packet) => /^4[04]/.test(packet));
  assert.match(answer, /^44\{"message":"unauthorized","data":\{"code":/, what);
  session.ws.terminate();
}

async function overHttp(server, from, what, token) {
  const headers = { authorization: `Bearer ${token}` };
  for (const [method, path, body] of [
    ['GET', '/api/rooms', undefined],
    ['POST', '/messages', { room: 'good-room-1', content: 'not from whom it says' }],
  ]) {
    const { status } = await request(server, method, path, body, headers, from);
    // A head that is too long is refused before anyone looks into it.
    assert.ok([401, 431].includes(status), `${what}: ${status}`);
  }
}

async function asRefresh(server, what, token) {
  const session = await connectRaw(server, { auth: credentials('refreshes') });
  session.send(`427["refresh_token",${JSON.stringify({ token })}]`);
  const answer = await session.find((packet) => packet.startsWith('437'));
  assert.equal(JSON.parse(answer.slice(3))[0].ok, false, what);
  session.ws.terminate();
}

export const forgedTokens = {
  title: 'tokens forged in every way',
  memory: () => 3 * Object.keys(forgeries(victim)).length * connectionBytes,
  async run({ server, from }) {
    for (const [what, token] of Object.entries(forgeries(victim))) {
      await overSocket(server, what, token);
      await overHttp(server, from, what, token);
      await asRefresh(server, what, token);
    }
  },
};
