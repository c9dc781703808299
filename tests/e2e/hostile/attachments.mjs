// Packets that announce more attachments than there may be, or that never bring them.
import { closeCode, frame, openFrames } from '../raw.mjs';
import { connectionBytes } from './settings.mjs';
import { connectPacket } from './tokens.mjs';

const connections = 50;

const connected = async (server, from) => {
  const tcp = await openFrames(server, '/socket.io/', { from });
  tcp.write(frame(connectPacket('binary')));
  await tcp.until((text) => text.includes('40{'));
  return tcp;
};

/// A number of attachments that nobody could hold.
async function announcesTooMany(server, from) {
  const tcp = await connected(server, from);
  tcp.write(frame('451000000000-["x",{"_placeholder":true,"num":0}]'));
  await closeCode(tcp);
  tcp.destroy();
}

/// As many as allowed, each as large as a message may be: together they are too much. Or all of them
/// are taken and the event is none that the chat knows; then a text among them is the violation.
async function bringsTooMuch(server, from, { max_payload }) {
  const tcp = await connected(server, from);
  const placeholders = Array.from({ length: 10 }, (_, num) => `{"_placeholder":true,"num":${num}}`);
  const attachment = frame(Buffer.alloc(max_payload - 100), { opcode: 2 });
  tcp.write(frame(`4510-["x",${placeholders}]`));
  for (let i = 0; i < 9; ++i) tcp.write(attachment);
  tcp.write(frame('42["in between"]'));
  await closeCode(tcp);
  tcp.destroy();
}

export const attachments = {
  title: 'attachments without end',
  memory: ({ max_payload }) => 2 * connections * (connectionBytes + 12 * max_payload),
  async run({ server, from, settings }) {
    const each = Array.from({ length: connections }, () => [
      announcesTooMany(server, from),
      bringsTooMuch(server, from, settings),
    ]);
    await Promise.all(each.flat());
  },
};
