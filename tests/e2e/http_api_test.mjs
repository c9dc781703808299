// The HTTP API with curl: every route, good and bad input.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Server, freshName } from './support.mjs';
import { closeClients, connect, join, nextEvent } from './clients.mjs';
import { curl, post } from './curl.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());
afterEach(closeClients);

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function assertError({ status, headers, body }, wantedStatus, code, what = '') {
  assert.deepEqual([status, body?.error?.code], [wantedStatus, code], what);
  assert.deepEqual(Object.keys(body), ['error']);
  assert.ok(typeof body.error.message === 'string' && body.error.message !== '');
  assert.match(headers['content-type'], /^application\/json/);
}

/// Bodies that are not a JSON object, for every route that takes one.
const malformed = [
  '',
  '{',
  '[]',
  '5',
  '"text"',
  'null',
  '{"a":1}x',
  "{'a':1}",
  '{"a":}',
  '{"a":1,}',
];
malformed.push('name=value', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, '{"a":"\\ud800"}');

async function createRoom(name = freshName()) {
  const { status, body } = await post(server, '/api/rooms', { name });
  assert.equal(status, 201);
  return body;
}

describe('POST /api/rooms', () => {
  it('creates a room: 201, Location and the room', async () => {
    const name = freshName('Räume');
    const { status, headers, body } = await post(server, '/api/rooms', { name: `  ${name} ` });
    assert.equal(status, 201);
    assert.match(headers['content-type'], /^application\/json/);
    const { id, created_at, ...rest } = body;
    assert.ok(Number.isSafeInteger(id) && id > 0);
    assert.match(created_at, time);
    assert.deepEqual(rest, {
      name,
      members_total: 0,
      first_seq: 1,
      last_seq: 0,
      last_message_at: null,
      private: false,
      closed: false,
      owner: null,
    });
    assert.equal(new URL(headers.location, server.url).pathname, `/api/rooms/${id}`);
    assert.deepEqual((await curl(server, `/api/rooms/${id}`)).body, body);
  });

  it('takes JSON whatever the Content-Type says', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'text/plain',
      'application/x-www-form-urlencoded',
      '',
    ]) {
      const { status } = await post(
        server,
        '/api/rooms',
        { name: freshName() },
        '-H',
        `Content-Type: ${type}`,
      );
      assert.equal(status, 201, type);
    }
  });

  it('answers 409 where the name is taken', async () => {
    const { name } = await createRoom();
    assertError(await post(server, '/api/rooms', { name }), 409, 'already_exists');
    assertError(await post(server, '/api/rooms', { name: ` ${name}\n` }), 409, 'already_exists');
  });

  it('answers 400 to a name that is missing or unusable, and names the field', async () => {
    const names = [undefined, null, 5, true, {}, [], '', ' \t', 'x'.repeat(65), 'a\u0000b', 'a\nb'];
    for (const name of names) {
      const answer = await post(server, '/api/rooms', { name });
      assertError(answer, 400, 'bad_request', JSON.stringify(name));
      assert.match(answer.body.error.message, /name/);
    }
  });

  it('passes over a byte order mark, and names what is wrong with another encoding', async () => {
    const name = freshName('zoë');
    const text = JSON.stringify({ name });
    assert.equal((await post(server, '/api/rooms', `\ufeff${text}`)).body.name, name);
    for (const encoding of ['latin1', 'utf16le']) {
      const answer = await post(server, '/api/rooms', Buffer.from(text, encoding));
      assertError(answer, 400, 'bad_request', encoding);
      assert.match(answer.body.error.message, encoding === 'latin1' ? /UTF-8, and this is not/ : /UTF-16/);
    }
  });

  it('answers 415 to a body that is compressed', async () => {
    const body = gzipSync(JSON.stringify({ name: freshName() }));
    for (const coding of ['gzip', 'GZIP', 'identity, br']) {
      const answer = await post(server, '/api/rooms', body, '-H', `Content-Encoding: ${coding}`);
      assertError(answer, 415, 'unsupported_media_type', coding);
      assert.equal(answer.headers['accept-encoding'], 'identity');
    }
    const plain = await post(server, '/api/rooms', { name: freshName() }, '-H', 'Content-Encoding: identity');
    assert.equal(plain.status, 201);
    assert.equal((await curl(server, '/api/rooms', '-H', 'Content-Encoding: gzip')).status, 200);
  });

  it('answers 400 to what is no JSON object, and 413 to a body over maxPayload', async () => {
    for (const body of malformed)
      assertError(await post(server, '/api/rooms', body), 400, 'bad_request', body.slice(0, 40));
    const huge = JSON.stringify({ name: 'x'.repeat(1_000_000) });
    assertError(await post(server, '/api/rooms', huge), 413, 'too_large');
  });
});

describe('GET /api/rooms', () => {
  it('pages through the rooms by id', async () => {
    const own = await Server.start();
    assert.deepEqual((await curl(own, '/api/rooms')).body, { rooms: [], next: null });
    const ids = [];
    for (let i = 0; i < 7; ++i) ids.push((await own.createRoom(`room ${i}`)).id);
    const list = async (query) => {
      const { status, body } = await curl(own, `/api/rooms?${query}`);
      assert.equal(status, 200);
      return [body.rooms.map((room) => room.id), body.next];
    };
    const [first, next] = await list('limit=3');
    assert.deepEqual(first, ids.slice(0, 3));
    const [second, nextAgain] = await list(`limit=3&after=${next}`);
    assert.deepEqual(second, ids.slice(3, 6));
    assert.deepEqual(await list(`limit=3&after=${nextAgain}`), [ids.slice(6), null]);
    assert.deepEqual(await list('limit=7'), [ids, null]);
    assert.deepEqual(await list('limit=500'), [ids, null]);
    await own.stop();
  });

  it('finds names by a substring, ASCII letters of either case', async () => {
    const stem = freshName('Needle');
    const room = await createRoom(`In the ${stem} 100%_Ü`);
    const find = async (q) => {
      const { body } = await curl(server, `/api/rooms?q=${encodeURIComponent(q)}`);
      return body.rooms.map(({ id }) => id);
    };
    assert.deepEqual(await find(stem), [room.id]);
    assert.deepEqual(await find(stem.toUpperCase()), [room.id]);
    assert.deepEqual(await find(`${stem.toLowerCase()} 100%_Ü`), [room.id]);
    assert.deepEqual(await find(`${stem}%100`), []);
    assert.deepEqual(await find(`${stem}_100`), []);
    const stray = await curl(server, '/api/rooms?q=100%&limit=1');
    assert.deepEqual([stray.status, stray.body.error.code], [400, 'bad_request']);
    assert.match(stray.body.error.message, /^q /);
    assert.equal((await curl(server, '/api/rooms?other=100%&limit=1')).status, 200);
    const { body } = await curl(server, `/api/rooms?q=${stem}+100`);
    assert.deepEqual(
      body.rooms.map(({ id }) => id),
      [room.id],
    );
  });

  it('shows what was acked: members, the last seq and its time', async () => {
    const alice = await connect(server, { username: 'alice' });
    const { room } = await join(alice, freshName());
    const sent = (await post(server, `/api/messages/${room.id}`, { content: 'x' })).body;
    const wanted = {
      id: room.id,
      name: room.name,
      members_total: 1,
      first_seq: 1,
      last_seq: 1,
      last_message_at: sent.created_at,
      private: false,
      closed: false,
      owner: null,
    };
    const { created_at, ...found } = (await curl(server, `/api/rooms?q=${room.name}`)).body
      .rooms[0];
    assert.match(created_at, time);
    assert.deepEqual(found, wanted);
    assert.deepEqual((await curl(server, `/api/rooms/${room.id}`)).body, { ...wanted, created_at });
  });

  it('answers 400 to numbers out of range or none', async () => {
    for (const query of [
      'limit=0',
      'limit=501',
      'limit=-1',
      'limit=x',
      'limit=1e3',
      'limit=1.5',
      'after=x',
      'after=-1',
    ]) {
      assertError(await curl(server, `/api/rooms?${query}`), 400, 'bad_request', query);
    }
  });
});

describe('GET /api/rooms/{id}', () => {
  it('takes a whole number as engines without integers write it', async () => {
    const { room } = await join(await connect(server, { username: 'lua' }), freshName());
    for (const id of [`${room.id}.0`, `${room.id}e0`])
      assert.equal((await curl(server, `/api/rooms/${id}`)).body.name, room.name, id);
    const page = await curl(server, `/api/messages/${room.id}.0?limit=1e1&after=0.0`);
    assert.deepEqual([page.status, page.body.messages], [200, []]);
    const posted = await curl(server, '/messages/', '--data', `{"room_id":${room.id}.0,"content":"hi"}`);
    assert.deepEqual([posted.status, posted.body.room_id], [201, room.id]);
  });

  it('answers 404 where there is none', async () => {
    for (const id of [
      '999999999',
      '0',
      '-1',
      'abc',
      '1.5',
      '99999999999999999999',
      '%31x',
      '1/x',
    ]) {
      assertError(await curl(server, `/api/rooms/${id}`), 404, 'not_found', id);
      assertError(await curl(server, `/api/rooms/${id}/members`), 404, 'not_found', id);
    }
  });

  it('members pages by user_id', async () => {
    const name = freshName();
    let id;
    for (const username of ['alice', 'böb', 'carol']) {
      id = (await join(await connect(server, { username }), name)).room.id;
    }
    const path = `/api/rooms/${id}/members`;
    const { status, body } = await curl(server, path);
    assert.equal(status, 200);
    const member = (user) => ({ user_id: user, username: user, connections: 1 });
    const members = [member('alice'), member('böb'), member('carol')];
    assert.deepEqual(body, { members, members_total: 3, next: null });
    const first = (await curl(server, `${path}?limit=2`)).body;
    assert.deepEqual([first.members, first.members_total], [members.slice(0, 2), 3]);
    const rest = (await curl(server, `${path}?limit=2&after=${encodeURIComponent(first.next)}`))
      .body;
    assert.deepEqual([rest.members, rest.next], [members.slice(2), null]);
    for (const limit of ['0', '1001', 'x']) {
      assertError(await curl(server, `${path}?limit=${limit}`), 400, 'bad_request', limit);
    }
  });
});

for (const [title, target] of [
  ['POST /api/messages/{room_id}', ({ id }) => [`/api/messages/${id}`, {}]],
  ['POST /messages/ with a room', ({ name }) => ['/messages/', { room: name }]],
  ['POST /messages/ with a number', ({ id }) => ['/messages/', { room: id }]],
  ['POST /messages with a room_id', ({ id }) => ['/messages', { room_id: id }]],
  ['POST /messages with digits for a room_id', ({ id }) => ['/messages', { room_id: String(id) }]],
]) {
  describe(title, () => {
    it('stores the message and tells the room: 201', async () => {
      const room = await createRoom();
      const alice = await connect(server, { username: 'alice' });
      await join(alice, room.name);
      const [path, fields] = target(room);
      const { status, body } = await post(server, path, {
        ...fields,
        username: 'carol',
        content: ' hi ',
        client_id: 'c1',
      });
      assert.equal(status, 201);
      assert.deepEqual(await nextEvent(alice, 'new_message'), body);
      const { id, created_at, ...rest } = body;
      assert.ok(id > 0);
      assert.match(created_at, time);
      const author = { user_id: 'carol', username: 'carol', content: 'hi', client_id: 'c1' };
      assert.deepEqual(rest, { room_id: room.id, room: room.name, seq: 1, rev: 1, ...author });
      const again = await post(server, path, {
        ...fields,
        username: 'carol',
        content: 'x',
        client_id: 'c1',
      });
      assert.deepEqual([again.status, again.body], [200, body]);
      const stored = await curl(server, `/api/messages/${room.id}`);
      assert.deepEqual(stored.body, { messages: [body], has_more: false });
    });

    it('calls its text content, message or text, and its author anonymous unless told', async () => {
      const [path, fields] = target(await createRoom());
      for (const name of ['content', 'message', 'text']) {
        const { status, body } = await post(server, path, { ...fields, [name]: `by ${name}` });
        assert.deepEqual([status, body.content, body.username], [201, `by ${name}`, 'anonymous']);
      }
    });

    it('answers 400 and 413 to bad input, and stores nothing', async () => {
      const room = await createRoom();
      const [path, fields] = target(room);
      for (const body of malformed)
        assertError(await post(server, path, body), 400, 'bad_request', body.slice(0, 40));
      for (const bad of [
        {},
        { content: '' },
        { content: ' \n' },
        { content: 5 },
        { content: null },
        { content: 'a\u0000b' },
        { content: 'x', username: '' },
        { content: 'x', username: 'u'.repeat(65) },
        { content: 'x', username: 5 },
        { content: 'x', client_id: 'without a name' },
        { content: 'x', username: 'u', client_id: '' },
        { content: 'x', username: 'u', client_id: 5 },
      ]) {
        assertError(
          await post(server, path, { ...fields, ...bad }),
          400,
          'bad_request',
          JSON.stringify(bad),
        );
      }
      assertError(
        await post(server, path, { ...fields, content: 'x'.repeat(4001) }),
        413,
        'too_large',
      );
      const huge = JSON.stringify({ ...fields, content: 'x'.repeat(1_000_000) });
      assertError(await post(server, path, huge), 413, 'too_large');
      assert.deepEqual((await curl(server, `/api/messages/${room.id}`)).body.messages, []);
    });
  });
}

describe('POST /messages/', () => {
  it('creates a room for an unknown name, as a join does, but not for an unknown number', async () => {
    const room = freshName();
    const { status, body } = await post(server, '/messages/', { room, content: 'first' });
    assert.deepEqual([status, body.room, body.seq], [201, room, 1]);
    for (const fields of [
      { room: 999_999_999 },
      { room_id: 999_999_999 },
      { room_id: '999999999' },
    ]) {
      assertError(await post(server, '/messages/', { ...fields, content: 'x' }), 404, 'not_found');
    }
  });

  it('answers 400 where no room is named', async () => {
    for (const fields of [
      {},
      { room: '' },
      { room: null },
      { room: {} },
      { room: 'x'.repeat(65) },
      { room_id: 'abc' },
    ]) {
      assertError(
        await post(server, '/messages/', { ...fields, content: 'x' }),
        400,
        'bad_request',
        JSON.stringify(fields),
      );
    }
  });
});

describe('GET and POST /api/messages/{room_id}', () => {
  it('answer 404 where there is no room', async () => {
    for (const id of ['999999999', '0', 'abc', '-1', '99999999999999999999']) {
      assertError(await curl(server, `/api/messages/${id}`), 404, 'not_found', id);
      assertError(
        await post(server, `/api/messages/${id}`, { content: 'x' }),
        404,
        'not_found',
        id,
      );
    }
  });
});
