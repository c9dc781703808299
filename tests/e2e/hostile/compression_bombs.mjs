// Compressed messages that swell to a thousand times their size. The server inflates them, and ends the
// connection with 1009 once they are larger than a message may be.
import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import { Tcp, closeCode, frame, upgradeRequest } from '../raw.mjs';
import { connectionBytes } from './settings.mjs';

const connections = 50;
const swollen = 40_000_000;
const messageTooBig = 1009;

// Deflate ends with an empty block whose last four bytes a frame leaves out (RFC 7692, section 7.2.1).
const bomb = deflateRawSync(Buffer.alloc(swollen, '4'), { finishFlush: 2 }).subarray(0, -4);
const compressed = { rsv: 4 };

const whole = frame(bomb, compressed);
/// The same in fragments: only the first says that the message is compressed.
const inFragments = Buffer.concat(
  Array.from({ length: Math.ceil(bomb.length / 1_000) }, (_, i) => {
    const piece = bomb.subarray(1_000 * i, 1_000 * (i + 1));
    const fin = 1_000 * (i + 1) >= bomb.length;
    return frame(piece, i === 0 ? { fin, ...compressed } : { fin, opcode: 0 });
  }),
);

async function explode(server, from, bytes) {
  const tcp = await Tcp.open(server, { from });
  const plain = upgradeRequest('/socket.io/?EIO=4&transport=websocket');
  const extension = 'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n';
  tcp.write(plain.replace(/\r\n$/, extension));
  // Behind the head comes the handshake, compressed as well.
  const head = await tcp.until((text) => /\r\n\r\n[^]{20}/.test(text));
  assert.match(head, /^HTTP\/1\.1 101 [^]*permessage-deflate/i);
  tcp.bytes = Buffer.alloc(0);
  tcp.write(bytes);
  assert.equal(await closeCode(tcp), messageTooBig);
  tcp.destroy();
}

export const compressionBombs = {
  title: 'compressed messages that swell a thousandfold',
  memory: ({ max_payload }) => connections * (connectionBytes + 2 * max_payload),
  async run({ server, from, settings }) {
    assert.ok(bomb.length < settings.max_payload, 'it is small as it comes');
    const all = Array.from({ length: connections }, (_, i) =>
      explode(server, from, i % 2 === 0 ? whole : inFragments),
    );
    await Promise.all(all);
  },
};
