// One member of a room of a thousand stops reading: it goes, and the others hear everything.
import assert from 'node:assert/strict';
import { connect, join, send } from '../clients.mjs';
import { within } from '../support.mjs';
import { Member } from './crowd.mjs';
import { connectionBytes } from './settings.mjs';
import { credentials } from './tokens.mjs';

const members = 1_000;
const atOnce = 50;
const room = 'a room of a thousand';
const content = 'x'.repeat(4_000);

export const silentReader = {
  title: 'a reader that never reads in a room of a thousand',
  memory: ({ max_queue_bytes, max_payload }) =>
    members * connectionBytes + 2 * (max_queue_bytes + max_payload),
  async run({ server, from }) {
    const crowd = [];
    while (crowd.length < members) {
      const next = Array.from({ length: atOnce }, (_, i) =>
        Member.open(server, from, `one-of-many-${crowd.length + i}`, room),
      );
      crowd.push(...(await Promise.all(next)));
    }
    const [reader, ...others] = crowd;
    const talker = await connect(server, { auth: credentials('talks to a thousand') });
    const first = (await join(talker, room, { history: 0 })).room.last_seq + 1;
    reader.stopReading();
    let last = first;
    const gone = async () => {
      for (;;) {
        last = (await send(talker, room, content)).seq;
        const { members_total } = await talker.emitWithAck('get_members', { room, limit: 1 });
        if (members_total === members) return;
      }
    };
    await within(gone(), 'the end of a reader that does not read', 60_000);
    last = (await send(talker, room, 'the end')).seq;
    for (const member of others) {
      await within(heard(member, last), `the last message, after ${member.seqs.at(-1)}`);
      assert.deepEqual(member.seqs, Array.from({ length: last - first + 1 }, (_, i) => first + i));
    }
    for (const member of crowd) member.destroy();
    talker.close();
  },
};

async function heard(member, seq) {
  while (member.seqs.at(-1) !== seq) {
    await new Promise((resolve) => member.socket.once('data', resolve));
  }
}
