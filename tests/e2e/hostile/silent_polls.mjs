// Clients that join a room by long-polling, in which much is said, and never poll.
import assert from 'node:assert/strict';
import { connect, join, send } from '../clients.mjs';
import { EnginePolling } from '../raw.mjs';
import { within } from '../support.mjs';
import { connectionBytes } from './settings.mjs';
import { credentials } from './tokens.mjs';

const clients = 50;
const room = 'a room that some never hear';
const content = 'x'.repeat(4_000);

export const silentPolls = {
  title: 'polling clients that never poll',
  // What is queued is one piece of memory for all, but for answers of each one's own.
  memory: ({ max_queue_bytes, max_payload }) =>
    clients * (connectionBytes + max_queue_bytes + max_payload),
  async run({ server, from }) {
    const talker = await connect(server, { auth: credentials('talks to the silent') });
    await join(talker, room);
    const sessions = [];
    for (let i = 0; i < clients; ++i) {
      const session = await EnginePolling.connect(server, credentials(`silent-${i}`), { from });
      await session.send(`420["join_room",${JSON.stringify(room)}]`);
      sessions.push(session);
    }
    const ended = async () => {
      for (;;) {
        await send(talker, room, content);
        const { members_total } = await talker.emitWithAck('get_members', { room, limit: 1 });
        if (members_total === 1) return;
      }
    };
    await within(ended(), 'the end of all that never poll');
    for (const session of sessions) assert.equal((await session.get()).status, 400);
    talker.close();
  },
};
