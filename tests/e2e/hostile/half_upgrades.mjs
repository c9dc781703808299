// Sessions that begin the upgrade to WebSocket by the thousand, and leave it there.
import assert from 'node:assert/strict';
import { Tcp, frame, upgradeRequest } from '../raw.mjs';
import { within } from '../support.mjs';
import { connectionBytes } from './settings.mjs';

const upgrades = 1_000;
const atOnce = 100;

/// A session by long-polling whose WebSocket was probed; resolves to the WebSocket's connection.
async function halfUpgrade(server, from) {
  const polling = await Tcp.open(server, { from });
  const target = '/socket.io/?EIO=4&transport=';
  polling.write(
    `GET ${target}polling HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  const sid = /"sid":"([^"]+)"/.exec(await polling.until((text) => text.endsWith('}')))[1];
  polling.destroy();
  const websocket = await Tcp.open(server, { from });
  websocket.write(upgradeRequest(`${target}websocket&sid=${sid}`));
  websocket.write(frame('2probe'));
  await websocket.until((text) => text.includes('3probe'));
  return websocket;
}

export const halfUpgrades = {
  title: 'upgrades by the thousand that go no further than their probe',
  memory: () => 2 * upgrades * connectionBytes,
  async run({ server, from }) {
    const all = [];
    while (all.length < upgrades) {
      const next = Array.from({ length: atOnce }, () => halfUpgrade(server, from));
      all.push(...(await Promise.all(next)));
    }
    await within(Promise.all(all.map((tcp) => tcp.ending)), 'the end of every half upgrade');
    all.forEach((tcp) => tcp.destroy());
    assert.equal(all.length, upgrades);
  },
};
