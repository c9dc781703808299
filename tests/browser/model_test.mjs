// The page's model, without a browser.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { describe, it } from 'node:test';
import { plain, rate } from '../../net/www/admin/format.js';
import { hasBus } from '../../net/www/admin/tables.js';
import { identityOf } from '../../net/www/model/identity.js';
import { Memory } from '../../net/www/model/memory.js';
import { Outbox } from '../../net/www/model/outbox.js';
import { ReadMarker } from '../../net/www/model/read_marker.js';
import { Room } from '../../net/www/model/room.js';
import { Search } from '../../net/www/model/search.js';
import { typingSentence } from '../../net/www/model/typists.js';
import { withLinks } from '../../net/www/view/links.js';
import { hrefOf, hrefOfMessage, hrefOfSearch, readRoute } from '../../net/www/view/route.js';
import { dayName, dayOf } from '../../net/www/view/time_format.js';
import { message, noon, seqs } from './messages.mjs';

// Browsers have it, and Node.js only since 19.
globalThis.crypto ??= webcrypto;

/// Behaves like localStorage.
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

describe('A read marker', () => {
  const markerOf = (seq) => {
    const told = [];
    const marker = new ReadMarker(seq, (...args) => told.push(...args));
    return { marker, told };
  };

  it('takes what is there at the first visit for read, and says so', () => {
    const { marker, told } = markerOf(undefined);
    marker.join(7, 0);
    marker.sync();
    assert.deepEqual([marker.unread(9), told], [2, [7]]);
  });

  it('goes by whoever read most, here or elsewhere, and never goes back', () => {
    const { marker, told } = markerOf(3);
    marker.join(9, 5);
    marker.sync();
    assert.deepEqual([marker.seq, told], [5, []]);
    assert.equal(marker.readElsewhere(7), true);
    assert.equal(marker.readElsewhere(6), false);
    assert.deepEqual([marker.seq, told], [7, []]);
    marker.read(8);
    assert.deepEqual(told, [8]);
  });

  it('tells the server on return what it could not tell before', () => {
    let isThere = false;
    const told = [];
    const marker = new ReadMarker(2, (seq) => (isThere ? told.push(seq) : undefined));
    marker.join(4, 2);
    marker.read(4);
    assert.deepEqual(told, []);
    isThere = true;
    marker.join(4, 2);
    marker.sync();
    assert.deepEqual(told, [4]);
  });

  it('tells little where much is read', () => {
    const { marker, told } = markerOf(1);
    marker.join(9, 1);
    for (const seq of [2, 3, 4]) marker.read(seq);
    assert.deepEqual(told, [2]);
  });
});

describe('A figure for people on call', () => {
  it('has at most three digits, and two after the point', () => {
    assert.deepEqual([0, 0.00203, 0.152, 1.204, 48.26, 512.4].map(plain), [
      '0',
      '< 0.01',
      '0.15',
      '1.2',
      '48.3',
      '512',
    ]);
    assert.equal(rate(0.152), '0.15 /s');
  });

  it('of a bus is shown where there is one, also while it cannot be reached', () => {
    const metrics = { hubbub_bus_connects_total: 0, hubbub_bus_silent_seconds: 0 };
    assert.equal(hasBus(metrics), false);
    assert.equal(hasBus({ ...metrics, hubbub_bus_connects_total: 1 }), true);
    assert.equal(hasBus({ ...metrics, hubbub_bus_silent_seconds: 2 }), true);
    assert.equal(hasBus({}), false);
  });
});

describe('A search', () => {
  it('shows the answer to what was asked last, whichever comes first', async () => {
    const answers = new Map();
    const api = { search: (text) => new Promise((resolve) => answers.set(text, resolve)) };
    const search = new Search(api);
    search.run('one');
    search.run('two');
    answers.get('two')({ results: ['2'], has_more: false });
    answers.get('one')({ results: ['1'], has_more: false });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([search.state, search.results], ['done', ['2']]);
    search.run('one');
    search.run('');
    answers.get('one')({ results: ['1'], has_more: false });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([search.state, search.results], ['idle', []]);
  });
});

describe('A room', () => {
  /// Makes a room whose requests are answered by `answer(event, payload)`; `next` comes right after
  /// it, as in one payload of long-polling.
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

  it('is left when its user is kicked, and says by whom and why', async () => {
    const room = roomWith(() => joinAck(0, []));
    const told = [];
    room.on('status', () => told.push(room.status));
    await room.join();
    room.receive('kicked', { by: 'olga', reason: 'spam', banned: true, until: null });
    assert.deepEqual([room.status, room.error.message], ['refused', 'olga has banned you: spam']);
    await room.join();
    room.receive('kicked', { by: null, reason: null, banned: false, until: null });
    assert.equal(room.error.message, 'You are no member of this room any more.');
    assert.equal(told.at(-1), 'refused');
  });

  it('can only be read when it is closed, until it is opened again', async () => {
    const room = roomWith(() => joinAck(0, []));
    const closing = { by: 'olga', reason: 'closed', banned: false, until: null };
    await room.join();
    room.receive('room_updated', { private: false, owner: 'olga', closed: true });
    room.receive('kicked', closing);
    assert.deepEqual([room.status, room.closedBy, room.mayWrite], ['closed', 'olga', false]);
    await room.join(); // it was opened again
    room.receive('kicked', { ...closing, reason: 'spam' });
    assert.equal(room.error.code, 'kicked');
  });

  it('knows after a return whether its user is still muted', async () => {
    let isMuted = true;
    const forbidden = { ok: false, error: { code: 'forbidden', message: 'you are muted' } };
    const room = roomWith((event) => {
      if (event === 'join_room') return joinAck(0, []);
      return isMuted ? forbidden : { ok: true };
    });
    await room.join();
    room.receive('muted', { by: 'olga', reason: 'spam', until: null });
    room.lost();
    await room.join();
    assert.deepEqual(room.silence, { by: 'olga', reason: 'spam', until: null });
    room.lost();
    isMuted = false;
    await room.join();
    assert.deepEqual([room.silence, room.mayWrite], [undefined, true]);
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
    assert.deepEqual(readRoute(hrefOfMessage('a/b', 7)), { room: 'a/b', pane: 'room', seq: 7 });
    assert.deepEqual(readRoute('#/room/r/at/x7'), { room: 'r', pane: 'room' });
    assert.deepEqual(readRoute(hrefOfSearch('r')), { room: 'r', pane: 'search' });
    assert.deepEqual(readRoute(hrefOfSearch()), { pane: 'search' });
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
