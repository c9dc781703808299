// Paging through the history in both directions, on a socket and over HTTP, and catching up on
// joining.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { ask, assertContiguous, closeClients, connect, join, refused } from './clients.mjs';
import { send, sendMany } from './clients.mjs';

const count = 25;
let server;
let room;
let roomId;
before(async () => {
  server = await Server.start();
  room = freshName();
  const alice = await connect(server, { username: 'alice' });
  roomId = (await join(alice, room)).room.id;
  for (let i = 0; i < count; ++i) await send(alice, room, `m${i + 1}`);
  closeClients();
});
after(() => server?.stop());
afterEach(closeClients);

const readers = [
  {
    title: 'get_messages',
    async page(query) {
      const socket = await connect(server, { username: 'reader' });
      const { messages, has_more } = await ask(socket, 'get_messages', { room, ...query });
      socket.close();
      return { messages, has_more };
    },
  },
  {
    title: 'GET /api/messages',
    async page(query) {
      const parameters = new URLSearchParams(query);
      const { status, body } = await server.get(`/api/messages/${roomId}?${parameters}`);
      assert.equal(status, 200);
      return body;
    },
  },
];

for (const { title, page } of readers) {
  describe(title, () => {
    const expectPage = async (query, first, last, more) => {
      const { messages, has_more } = await page(query);
      const seqs = messages.map((message) => message.seq);
      const wanted = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
      assert.deepEqual([seqs, has_more], [wanted, more], JSON.stringify(query));
      messages.forEach((message) => assert.equal(message.content, `m${message.seq}`));
    };

    it('gives the newest page where neither before nor after is named', async () => {
      await expectPage({}, 1, 25, false);
      await expectPage({ limit: 10 }, 16, 25, true);
      await expectPage({ limit: 24 }, 2, 25, true);
      await expectPage({ limit: 25 }, 1, 25, false);
      await expectPage({ limit: 1 }, 25, 25, true);
    });

    it('walks backwards with before, which is exclusive, to an exact end', async () => {
      await expectPage({ before: 16, limit: 10 }, 6, 15, true);
      await expectPage({ before: 6, limit: 10 }, 1, 5, false);
      await expectPage({ before: 11, limit: 10 }, 1, 10, false);
      await expectPage({ before: 12, limit: 10 }, 2, 11, true);
      await expectPage({ before: 1, limit: 10 }, 1, 0, false);
      await expectPage({ before: 1000, limit: 5 }, 21, 25, true);
    });

    it('walks forwards with after, which is exclusive, to an exact end', async () => {
      await expectPage({ after: 0, limit: 10 }, 1, 10, true);
      await expectPage({ after: 10, limit: 10 }, 11, 20, true);
      await expectPage({ after: 20, limit: 10 }, 21, 25, false);
      await expectPage({ after: 15, limit: 10 }, 16, 25, false);
      await expectPage({ after: 25 }, 1, 0, false);
      await expectPage({ after: 1000 }, 1, 0, false);
    });

    it('gives the range between after and before from its start', async () => {
      await expectPage({ after: 5, before: 9 }, 6, 8, false);
      await expectPage({ after: 5, before: 9, limit: 2 }, 6, 7, true);
      await expectPage({ after: 5, before: 9, limit: 3 }, 6, 8, false);
      await expectPage({ after: 5, before: 6 }, 1, 0, false);
      await expectPage({ after: 9, before: 5 }, 1, 0, false);
      await expectPage({ after: 23, before: 1000 }, 24, 25, false);
    });
  });
}

describe('A page of history', () => {
  it('is refused, not clamped, where a number is out of range or none', async () => {
    const reader = await connect(server, { username: 'reader' });
    const bad = [{ limit: 0 }, { limit: 201 }, { limit: -1 }, { limit: 1.5 }, { limit: '5' }];
    bad.push({ before: -1 }, { after: -1 }, { before: 'x' }, { after: {} }, { after: 1e300 });
    for (const query of bad) {
      const error = await refused(reader, 'bad_request', 'get_messages', { room, ...query });
      assert.match(error.message, new RegExp(Object.keys(query)[0]));
    }
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'limit=', 'before=-1', 'after=1.5']) {
      const { status, body } = await server.get(`/api/messages/${roomId}?${query}`);
      assert.deepEqual([status, body.error.code], [400, 'bad_request'], query);
    }
    assert.equal((await ask(reader, 'get_messages', { room, limit: 200 })).messages.length, count);
  });

  it('follows what the same socket has just sent', async () => {
    const alice = await connect(server, { username: 'alice' });
    const own = freshName();
    await join(alice, own);
    for (let i = 0; i < 10; ++i) {
      alice.emit('send_message', { room: own, content: `m${i}` });
      const { messages } = await ask(alice, 'get_messages', { room: own, limit: 1 });
      assert.equal(messages[0]?.content, `m${i}`);
    }
  });

  it('has everything after a restart', async () => {
    const own = await Server.start();
    const alice = await connect(own, { username: 'alice' });
    const { id } = (await join(alice, room)).room;
    const sent = await sendMany(alice, room, 40);
    closeClients();
    await own.stop();
    await own.restart();
    const bySeq = [...sent].sort((a, b) => a.seq - b.seq);
    assert.deepEqual(await own.history(id), bySeq);
    const again = await connect(own, { username: 'alice' });
    await join(again, room);
    const next = await send(again, room, 'next');
    assert.equal(next.seq, 41);
    assert.ok(next.id > bySeq.at(-1).id);
    closeClients();
    await own.stop();
  });
});

describe('Joining with since', () => {
  let long;
  before(async () => {
    const alice = await connect(server, { username: 'alice' });
    long = freshName('long');
    await join(alice, long);
    await sendMany(alice, long, 1010);
    closeClients();
  });

  const rejoin = async (options) => {
    const reader = await connect(server, { username: 'reader' });
    const ack = await join(reader, long, options);
    reader.close();
    assert.equal(ack.room.last_seq, 1010);
    if (ack.messages.length > 0) assertContiguous(ack.messages, ack.messages[0].seq);
    return [ack.gap, ack.messages[0]?.seq, ack.messages.at(-1)?.seq];
  };

  it('brings everything after it, up to 1,000 messages', async () => {
    assert.deepEqual(await rejoin({ since: 1005 }), [false, 1006, 1010]);
    assert.deepEqual(await rejoin({ since: 10 }), [false, 11, 1010]);
    assert.deepEqual(await rejoin({ since: 500, history: 5 }), [false, 501, 1010]);
    assert.deepEqual(await rejoin({ since: 1010 }), [false, undefined, undefined]);
  });

  it('says gap and gives the newest page where more was missed', async () => {
    assert.deepEqual(await rejoin({ since: 9 }), [true, 961, 1010]);
    assert.deepEqual(await rejoin({ since: 0, history: 7 }), [true, 1004, 1010]);
    assert.deepEqual(await rejoin({ since: 0, history: 0 }), [true, undefined, undefined]);
  });

  it('says gap where since lies beyond the last message', async () => {
    assert.deepEqual(await rejoin({ since: 1011 }), [true, 961, 1010]);
    assert.deepEqual(await rejoin({ since: 2 ** 40, history: 1 }), [true, 1010, 1010]);
  });

  it('refuses what is no seq', async () => {
    const reader = await connect(server, { username: 'reader' });
    for (const since of [-1, 1.5, '10', {}, true]) {
      await refused(reader, 'bad_request', 'join_room', { room: long, since });
    }
  });

  it('0 in an empty room has no gap', async () => {
    const reader = await connect(server, { username: 'reader' });
    const ack = await join(reader, freshName(), { since: 0 });
    assert.deepEqual([ack.gap, ack.messages], [false, []]);
  });
});
