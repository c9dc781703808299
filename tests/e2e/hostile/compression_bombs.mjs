// Compressed frames that swell to a thousand times their size. Where the server does not compress, their
// reserved bit is a violation; either way the connection ends and nothing has swollen.
import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import { Tcp, closeCode, frame, upgradeRequest } from '../raw.mjs';
import { connectionBytes } from './settings.mjs';

const connections = 50;
const swollen = 40_000_000;
const messageTooBig = 1009;
const protocolError = 1002;

// Deflate ends with an empty block whose last four bytes a frame leaves out (RFC 7692, section 7.2.1).
const bomb = deflateRawSync(Buffer.alloc(swollen, '4'), { finishFlush: 2 }).subarray(0, -4);
const compressed = { rsv: 4 };

async function explode(server, from) {
  const tcp = await Tcp.open(server, { from });
  const plain = upgradeRequest('/socket.io/?EIO=4&transport=websocket');
  const extension = 'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n';
  tcp.write(plain.replace(/\r\n$/, extension));
  const head = await tcp.until((text) => text.includes('"sid"'));
  assert.match(head, /^HTTP\/1\.1 101 /);
  const expected = /permessage-deflate/i.test(head) ? messageTooBig : protocolError;
  tcp.bytes = Buffer.alloc(0);
  tcp.write(frame(bomb, compressed));
  assert.equal(await closeCode(tcp), expected);
  tcp.destroy();
}

export const compressionBombs = {
  title: 'compressed messages that swell a thousandfold',
  memory: ({ max_payload }) => connections * (connectionBytes + 2 * max_payload),
  async run({ server, from }) {
    await Promise.all(Array.from({ length: connections }, () => explode(server, from)));
  },
};
