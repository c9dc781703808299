// Tokens forged in every way, over Socket.IO and over HTTP: none opens anything.
import assert from 'node:assert/strict';
import { connectRaw, EngineWebSocket } from '../raw.mjs';
import { request } from '../support.mjs';
import { connectionBytes } from './settings.mjs';
import { credentials, forgeries, goodTokens } from './tokens.mjs';

const victim = 'good-1';
const refresher = 'refreshes';

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

/// As the newer token of its own user, so that it is refused for being forged and nothing else.
async function asRefresh(server, what, token) {
  const session = await connectRaw(server, { auth: credentials(refresher) });
  const [{ ok, error }] = await refresh(session, token);
  assert.deepEqual([ok, error?.code], [false, 'unauthorized'], what);
  session.ws.terminate();
}

async function refresh(session, token) {
  session.send(`427["refresh_token",${JSON.stringify({ token })}]`);
  return JSON.parse((await session.find((packet) => packet.startsWith('437'))).slice(3));
}

/// Were these refused as well, the others would show nothing.
async function goodOnesAreTaken(server) {
  for (const [what, token] of Object.entries(goodTokens(refresher))) {
    const session = await connectRaw(server, { auth: { token } });
    assert.equal((await refresh(session, token))[0].ok, true, what);
    session.ws.terminate();
  }
}

export const forgedTokens = {
  title: 'tokens forged in every way',
  memory: () => 3 * Object.keys(forgeries(victim)).length * connectionBytes,
  async run({ server, from }) {
    await goodOnesAreTaken(server);
    const ofRefresher = forgeries(refresher);
    for (const [what, token] of Object.entries(forgeries(victim))) {
      await overSocket(server, what, token);
      await overHttp(server, from, what, token);
      await asRefresh(server, what, ofRefresher[what]);
    }
  },
};
