// The page's own notions, without a browser.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { describe, it } from 'node:test';
import { identityOf } from '../../net/www/model/identity.js';
import { Memory } from '../../net/www/model/memory.js';
import { Outbox } from '../../net/www/model/outbox.js';
import { Room } from '../../net/www/model/room.js';
import { Timeline } from '../../net/www/model/timeline.js';
import { typingSentence } from '../../net/www/model/typists.js';
import { withLinks } from '../../net/www/view/links.js';
import { hrefOf, readRoute } from '../../net/www/view/route.js';
import { buildRows } from '../../net/www/view/rows.js';
import { dayName, dayOf } from '../../net/www/view/time_format.js';

// Browsers have it, and Node.js only since 19.
globalThis.crypto ??= webcrypto;

const minute = 60_000;
const noon = new Date(2024, 4, 15, 12).getTime();
const message = (seq, { user = 'ana', at = noon, ...rest } = {}) => ({
  seq,
  user_id: user,
  username: user,
  content: `m${seq}`,
  created_at: new Date(at).toISOString(),
  ...rest,
});
const seqs = (timeline) => timeline.messages.map(({ seq }) => seq);

function timelineOf(...messages) {
  const timeline = new Timeline();
  timeline.merge(messages);
  timeline.seeded = true;
  return timeline;
}

/// As localStorage is.
const storage = () => {
  const values = new Map();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
    key: (i) => [...values.keys()][i],
    get length() {
      return values.size;
    },
  };
};

describe('A timeline', () => {
  it('is in order and without repeats, however messages come', () => {
    const timeline = timelineOf(message(5), message(6));
    timeline.merge([message(3), message(4), message(5)]);
    assert.equal(timeline.merge([message(6)]), false);
    timeline.merge([message(7)]);
    assert.deepEqual(seqs(timeline), [3, 4, 5, 6, 7]);
    assert.equal(timeline.lastSeq, 7);
  });

  it('has no older messages before the first one of the room', () => {
    const timeline = timelineOf(message(2));
    assert.equal(timeline.hasOlder, true);
    timeline.mergeBefore(2, { messages: [message(1)], has_more: false });
    assert.equal(timeline.hasOlder, false);
  });

  it('has no older messages where the server keeps none', () => {
    const timeline = timelineOf(message(7));
    timeline.mergeBefore(7, { messages: [], has_more: false });
    assert.equal(timeline.hasOlder, false);
  });

  it('knows its gaps, and fills them from the end', () => {
    const timeline = timelineOf(message(1), message(2), message(10));
    assert.deepEqual(timeline.gapBefore(2), { after: 2, before: 10, count: 7, gone: false });
    assert.equal(timeline.gapBefore(1), undefined);
    timeline.mergeBefore(10, { messages: [message(8), message(9)], has_more: true });
    assert.equal(timeline.gapBefore(2).count, 5);
    timeline.mergeBefore(8, {
      messages: [3, 4, 5, 6, 7].map((seq) => message(seq)),
      has_more: true,
    });
    assert.equal(timeline.gapBefore(2), undefined);
  });

  it('knows a gap behind its last message', () => {
    const timeline = timelineOf(message(1));
    timeline.lastSeq = 3;
    assert.equal(timeline.gapBefore(1).count, 2);
  });

  it('takes a later version of a message, and never an earlier one', () => {
    const timeline = timelineOf(message(1, { rev: 1 }), message(2, { rev: 2 }));
    assert.equal(timeline.merge([message(1, { rev: 3, content: 'better' })]), true);
    assert.equal(timeline.merge([message(1, { rev: 1 }), message(2, { rev: 2 })]), false);
    assert.equal(timeline.find(1).content, 'better');
    assert.equal(timeline.find(3), undefined);
  });

  it('says of a gap that the server cannot fill that it is gone', () => {
    const timeline = timelineOf(message(1), message(10));
    timeline.mergeBefore(10, { messages: [message(8), message(9)], has_more: false });
    assert.deepEqual(timeline.gapBefore(1), { after: 1, before: 8, count: 6, gone: true });
  });
});

describe('A room', () => {
  /// A room whose requests are answered by `answer(event, payload)`, behind which `next` comes at
  /// once, as in one payload of long-polling.
  function roomWith(answer, next = () => {}) {
    const ask = (event, payload, heed = () => {}) => {
      const given = answer(event, payload);
      heed(given);
      next(event);
      return Promise.resolve(given);
    };
    const outbox = new Outbox(new Memory('', storage()));
    const connection = { online: true, ask, tell: () => {} };
    return new Room('r', { connection, outbox, userId: 'ana' });
  }
  const joinAck = (lastSeq, messages) => ({
    ok: true,
    room: { id: 1, name: 'r', last_seq: lastSeq },
    members: [],
    members_total: 0,
    messages,
    gap: false,
  });

  it('keeps a message that comes on the heels of the answer to its join', async () => {
    let last = 0;
    const room = roomWith(
      () => joinAck(last, []),
      () => room.receive('new_message', message(++last, { user: 'ben' })),
    );
    room.open();
    for (let i = 0; i < 3; ++i) {
      await room.join();
      room.lost();
    }
    assert.deepEqual([seqs(room.timeline), room.startedOver], [[1, 2, 3], false]);
  });

  it('asks again for its newest messages where the server was too busy', async () => {
    let asked = 0;
    const room = roomWith((event) => {
      if (event === 'join_room') return joinAck(1, []);
      if (++asked === 1) return { ok: false, error: { code: 'overloaded', message: '' } };
      return { ok: true, messages: [message(1)], has_more: false };
    });
    await room.join();
    const seeded = new Promise((resolve) => {
      room.on('timeline', () => (room.timeline.seeded ? resolve() : room.history.loadOlder()));
    });
    room.open();
    await seeded;
    assert.deepEqual(seqs(room.timeline), [1]);
  });

  it('sends one message at a time, and a lost answer brings the same client_id again', async () => {
    const sent = [];
    const room = roomWith((event, { content, client_id: clientId }) => {
      if (event === 'join_room') return joinAck(0, []);
      sent.push([content, clientId]);
      if (sent.length === 1) room.lost();
      if (sent.length === 1) return { ok: false, error: { code: 'no_answer', message: '' } };
      return { ok: true, message: message(sent.length, { content, client_id: clientId }) };
    });
    await room.join();
    const settled = new Promise((resolve) => {
      room.on('timeline', () => room.pending.length === 0 && sent.length === 3 && resolve());
    });
    room.send('one');
    room.send('two');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      sent.map(([content]) => content),
      ['one'],
    );
    await room.join();
    await settled;
    assert.deepEqual(
      sent.map(([content]) => content),
      ['one', 'one', 'two'],
    );
    assert.equal(sent[0][1], sent[1][1]);
    assert.notEqual(sent[1][1], sent[2][1]);
  });
});

describe('Rows', () => {
  const rowsOf = (timeline, options = {}) =>
    buildRows({ timeline, pending: [], userId: 'ana', username: 'ana', ...options });
  const kinds = (rows) => rows.map((row) => (row.continued ? 'continued' : row.kind));

  it('continue an author for some minutes, and begin again with another one, day or gap', () => {
    const timeline = timelineOf(
      message(1),
      message(2, { at: noon + minute }),
      message(3, { at: noon + 10 * minute }),
      message(4, { at: noon + 10 * minute, user: 'ben' }),
      message(6, { at: noon + 11 * minute, user: 'ben' }),
      message(7, { at: noon + 24 * 60 * minute, user: 'ben' }),
    );
    assert.deepEqual(kinds(rowsOf(timeline)), [
      'start',
      'day',
      'message',
      'continued',
      'message',
      'message',
      'gap',
      'message',
      'day',
      'message',
    ]);
  });

  it('mark what is new once, where it begins', () => {
    const rows = rowsOf(timelineOf(message(1), message(2), message(3)), { newAfter: 1 });
    assert.deepEqual(kinds(rows), ['start', 'day', 'message', 'new', 'message', 'continued']);
  });

  it('do not mark the first message that is loaded as new where older ones may be', () => {
    const rows = rowsOf(timelineOf(message(5), message(6)), { newAfter: 2 });
    assert.deepEqual(kinds(rows), ['older', 'day', 'message', 'continued']);
  });

  it('keep the key of a message from the moment it was written', () => {
    const entry = { clientId: 'x', room: 'r', content: 'hi', writtenAt: noon, order: noon };
    const [waiting] = rowsOf(timelineOf(), { pending: [entry] }).slice(-1);
    const [stored] = rowsOf(timelineOf(message(1, { client_id: 'x' }))).slice(-1);
    assert.equal(waiting.key, stored.key);
    const [foreign] = rowsOf(timelineOf(message(1, { client_id: 'x', user: 'ben' }))).slice(-1);
    assert.notEqual(foreign.key, stored.key);
  });
});

describe('Text', () => {
  const shown = (text) =>
    withLinks(text)
      .map((part) => (part.href ? `[${part.text}]` : part.text))
      .join('');

  it('has links where addresses of the web are, without the punctuation around them', () => {
    assert.equal(shown('(see https://a.example/x.)'), '(see [https://a.example/x].)');
    assert.equal(shown('https://a.example/x_(y)!'), '[https://a.example/x_(y)]!');
    assert.equal(shown('HTTP://A.example'), '[HTTP://A.example]');
    assert.equal(
      shown('<https://a.example>"https://b.example"'),
      '<[https://a.example]>"[https://b.example]"',
    );
  });

  it('has none for anything else', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'xhttp://a',
      'http://',
      'https://[',
      'file:///etc/passwd',
    ])
      assert.equal(shown(text), text);
  });

  it('is whole, whatever it holds', () => {
    const text = 'a https://a.example/\u202e https://b.example/\u0000 😀 https://c.example.';
    assert.equal(
      withLinks(text)
        .map((part) => part.text)
        .join(''),
      text,
    );
  });
});

describe('Who is typing', () => {
  it('is told by name for one and two', () => {
    assert.deepEqual([[], ['Ana'], ['Ana', 'Ben'], ['Ana', 'Ben', 'Cem']].map(typingSentence), [
      '',
      'Ana is typing…',
      'Ana and Ben are typing…',
      'Several people are typing…',
    ]);
  });
});

describe('An address', () => {
  it('leads to a room of any name and back', () => {
    for (const room of ['general', 'a/b', '100 %', '#', 'Ünï 😀', 'members'])
      assert.deepEqual(readRoute(hrefOf(room)), { room, pane: 'room' });
    assert.deepEqual(readRoute(hrefOf('a/b', 'members')), { room: 'a/b', pane: 'members' });
    for (const hash of ['', '#/', '#/room/', '#/room/%20', '#/nowhere/x'])
      assert.deepEqual(readRoute(hash), { pane: 'rooms' });
    assert.equal(readRoute('#/room/%E0%A4%A').room, '%E0%A4%A');
  });
});

describe('A day', () => {
  it('has the name that people give it', () => {
    const at = (days) => dayOf(new Date(2024, 4, 15 + days).getTime());
    assert.deepEqual(
      [dayName(at(0), noon), dayName(at(-1), noon)].map((name) => name.length > 3),
      [true, true],
    );
    assert.notEqual(dayName(at(0), noon), dayName(at(-1), noon));
    assert.match(dayName(at(-400), noon), /2023/);
    assert.doesNotMatch(dayName(at(-30), noon), /2024/);
  });
});

describe('A token', () => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('says who its bearer is', () => {
    const token = `${part({})}.${part({ sub: 'u-1', name: 'Zoë ☃' })}.x`;
    assert.deepEqual(identityOf('token', token), {
      userId: 'u-1',
      username: 'Zoë ☃',
      auth: { token },
    });
    assert.equal(identityOf('token', `${part({})}.${part({ sub: 'u-1' })}.x`).username, 'u-1');
  });

  it('that is none is not taken', () => {
    for (const text of ['', 'x', '..', 'a.b.c', `x.${part([])}.x`, `x.${part({ sub: 5 })}.x`])
      assert.equal(identityOf('token', text), undefined, text);
  });
});

describe('What waits to be sent', () => {
  it('is kept in order, per room and user, until it is removed', () => {
    const memory = new Memory('', storage());
    const outbox = new Outbox(memory.of('ana'));
    const [one, two] = ['one', 'two'].map((text) => outbox.add('r', text));
    outbox.add('s', 'three');
    outbox.mark(two, { code: 'too_large', message: 'no' });
    const again = new Outbox(memory.of('ana'));
    assert.deepEqual(
      again.of('r').map((entry) => [entry.content, entry.error?.code]),
      [
        ['one', undefined],
        ['two', 'too_large'],
      ],
    );
    assert.deepEqual([again.size, again.rooms()], [2, ['r', 's']]);
    again.remove(one.clientId);
    assert.equal(new Outbox(memory.of('ana')).size, 1);
    assert.equal(new Outbox(memory.of('ana.')).size, 0);
    assert.notEqual(one.clientId, two.clientId);
    assert.match(one.clientId, /^[0-9a-f]{32}$/);
  });
});
