// Owners, private rooms, kicks, bans and mutes: proven names, over the socket and over HTTP.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, several, soon, until, within } from './support.mjs';
import { ask, closeClients, connect, connected, emitAck, fence, join } from './clients.mjs';
import { nextEvent, received, refused, send } from './clients.mjs';
import { requestAs, startWithTokens, tokenOf } from './proven.mjs';

let server;
let key;
before(async () => ({ server, key } = await startWithTokens()));
after(() => server.stop());
afterEach(closeClients);

const admin = tokenOf('root', { scope: 'admin' });
const enter = (user, options = {}) => connect(server, { auth: { token: tokenOf(user) }, ...options });
const http = (bearer, method, path, body) => requestAs(bearer, server, method, path, body);
const kicked = (socket) => nextEvent(socket, 'kicked');

async function ok(answer) {
  const { status, body } = await answer;
  assert.ok(status === 200 || status === 201, JSON.stringify(body));
  return body;
}

/// Checks how many connections a kick ended; of several servers each counts its own.
const assertKicked = (answer, count) =>
  several ? assert.ok(answer.kicked <= count) : assert.equal(answer.kicked, count);

/// Makes a room of olga's with these members: `{room, olga, …}` by name.
async function roomOf(...users) {
  const name = freshName();
  const olga = await enter('olga');
  const { room } = await join(olga, name);
  const sockets = {};
  for (const user of users) {
    sockets[user] = await enter(user);
    await join(sockets[user], name);
    await nextEvent(olga, 'user_joined', ({ user_id }) => user_id === user);
  }
  return { room, olga, ...sockets };
}

describe('A user_id in a path', () => {
  it('is the one that was escaped, slashes included, and nobody else', async () => {
    const far = 'https://issuer.example/u/42';
    const { room, olga, ...sockets } = await roomOf('trail', 'trail/', 'trail%2F', far);
    const listed = async (list) =>
      (await ok(http(admin, 'GET', `/api/rooms/${room.id}/${list}`))).standings.map((each) => each.user_id);
    for (const list of ['bans', 'mutes', 'roster']) {
      for (const user of ['trail/', 'trail%2F', far]) {
        const path = `/api/rooms/${room.id}/${list}/${encodeURIComponent(user)}`;
        const { standing } = await ok(http(admin, 'PUT', path));
        assert.equal(standing.user_id, user);
        await soon(async () => assert.deepEqual(await listed(list), [user]));
        assert.deepEqual(await ok(http(admin, 'DELETE', path)), { standing: null });
      }
    }
    for (const user of ['trail/', 'trail%2F', far])
      assert.equal((await kicked(sockets[user])).banned, true);
    await send(olga, room.id, 'who is left');
    await fence(sockets.trail, olga, room.id);
    assert.equal(received(sockets.trail, 'kicked').length, 0);
  });
});

describe('A kick', () => {
  it('takes every socket of the user out at once, over each transport', async () => {
    const { room, olga, bob } = await roomOf('bob');
    const polling = await enter('bob', { transports: ['polling'] });
    await join(polling, room.name);
    assertKicked(await ask(olga, 'kick_user', { room: room.id, user_id: 'bob', reason: 'spam' }), 2);
    for (const socket of [bob, polling]) {
      const { room_id, by, reason, banned } = await kicked(socket);
      assert.deepEqual([room_id, by, reason, banned], [room.id, 'olga', 'spam', false]);
    }
    const left = await nextEvent(olga, 'user_left');
    assert.deepEqual([left.user_id, left.reason, left.members_total], ['bob', 'kicked', 1]);
    const { seq } = await send(olga, room.id, 'without bob');
    for (const socket of [bob, polling]) {
      await refused(socket, 'not_a_member', 'send_message', { room: room.id, content: 'x' });
      // By `since` the server of this join knows that message, and has told it to its members.
      await join(socket, room.id, { since: seq });
    }
    await fence(bob, olga, room.id);
    await fence(polling, olga, room.id);
    for (const socket of [bob, polling])
      assert.ok(received(socket, 'new_message').every(({ content }) => content !== 'without bob'));
  });

  it('is for the owner and for admins', async () => {
    const { room, olga, bob, ann } = await roomOf('bob', 'ann');
    await refused(ann, 'forbidden', 'kick_user', { room: room.id, user_id: 'bob' });
    await refused(ann, 'forbidden', 'kick_user', { room: room.id, user_id: 'olga' });
    const path = `/api/rooms/${room.id}/kicks`;
    assert.equal((await http(tokenOf('ann'), 'POST', path, { user_id: 'bob' })).status, 403);
    assert.equal((await http(admin, 'POST', path, { user_id: 'olga' })).status, 403);
    assert.equal(received(bob, 'kicked').length, 0);
    assertKicked(await ok(http(admin, 'POST', path, { user_id: 'bob' })), 1);
    assert.equal((await kicked(bob)).by, 'root');
    assertKicked(await ok(http(key, 'POST', path, { user_id: 'ann' })), 1);
    assert.equal((await kicked(ann)).by, 'backend');
    await send(olga, room.id, 'still here');
  });
});

describe('A ban', () => {
  it('keeps the user out, also after the server was killed, until it is lifted', async () => {
    const { room, olga, bob } = await roomOf('bob');
    const { standing } = await ask(olga, 'ban_user', { room: room.id, user_id: 'bob' });
    assert.deepEqual([standing.kind, standing.user_id, standing.by], ['ban', 'bob', 'olga']);
    assert.equal((await kicked(bob)).banned, true);
    await refused(bob, 'forbidden', 'join_room', { room: room.id });
    closeClients();
    await server.kill();
    await server.restart();

    const again = await enter('bob');
    await refused(again, 'forbidden', 'join_room', { room: room.name });
    await refused(again, 'forbidden', 'send_message', { room: room.id, content: 'x' });
    const post = `/api/messages/${room.id}`;
    assert.equal((await http(tokenOf('bob'), 'POST', post, { content: 'x' })).status, 403);
    const bans = `/api/rooms/${room.id}/bans`;
    const listed = await ok(http(tokenOf('olga'), 'GET', bans));
    assert.deepEqual(listed, { standings: [standing], next: null });
    assert.deepEqual(await ok(http(tokenOf('olga'), 'DELETE', `${bans}/bob`)), { standing: null });
    await soon(() => join(again, room.id));
  });

  it('ends by itself', async () => {
    const { room, olga, bob } = await roomOf('bob');
    const end = new Date(Date.now() + 3_000).toISOString();
    const path = `/api/rooms/${room.id}/bans/bob`;
    const { standing } = await ok(http(tokenOf('olga'), 'PUT', path, { until: end, reason: 'calm down' }));
    assert.deepEqual([standing.until, standing.reason], [end, 'calm down']);
    const told = await kicked(bob);
    assert.deepEqual([told.until, told.reason], [end, 'calm down']);
    // With pauses, since a client that asks as fast as a fast machine can is closed for it.
    await until(() => emitAck(bob, 'join_room', { room: room.id }), ({ ok: isIn }) => isIn, 'the end of a ban');
    await refused(olga, 'bad_request', 'ban_user', { room: room.id, user_id: 'bob', until: 1 });
  });
});

describe('A mute', () => {
  it('lets the user listen on every socket, and speak on none', async () => {
    const { room, olga, bob } = await roomOf('bob');
    const also = await enter('bob', { transports: ['polling'] });
    await join(also, room.name);
    await ask(olga, 'mute_user', { room: room.id, user_id: 'bob', reason: 'noise' });
    for (const socket of [bob, also]) {
      assert.equal((await nextEvent(socket, 'muted')).reason, 'noise');
      await refused(socket, 'forbidden', 'send_message', { room: room.id, content: 'x' });
      await refused(socket, 'forbidden', 'typing', { room: room.id, is_typing: true });
    }
    await fence(bob, olga, room.id);
    await ask(bob, 'get_messages', room.id);
    await ask(olga, 'unmute_user', { room: room.id, user_id: 'bob' });
    await nextEvent(bob, 'unmuted');
    await send(bob, room.id, 'thanks');
    assert.equal(received(olga, 'typing').length, 0);
  });
});

describe('A private room', () => {
  it('is there for its owner and its members, and for admins', async () => {
    const name = freshName();
    const made = await ok(http(tokenOf('olga'), 'POST', '/api/rooms', { name, private: true }));
    assert.deepEqual([made.private, made.owner], [true, 'olga']);
    const [olga, mia] = [await enter('olga'), await enter('mia')];
    await join(olga, name);
    await refused(mia, 'not_found', 'join_room', { room: name });
    await ask(olga, 'add_member', { room: name, user_id: 'mia' });
    await soon(() => join(mia, name));
    await send(mia, name, 'hello');
    for (const bearer of [tokenOf('olga'), tokenOf('mia'), admin, key]) {
      const { rooms } = await ok(http(bearer, 'GET', `/api/rooms?q=${name}`));
      assert.deepEqual(rooms.map((each) => each.name), [name]);
      assert.equal((await http(bearer, 'GET', `/api/messages/${made.id}`)).status, 200);
    }
    await ask(olga, 'remove_member', { room: name, user_id: 'mia' });
    await kicked(mia);
    await refused(mia, 'not_found', 'join_room', { room: name });
    const open = await ok(http(tokenOf('olga'), 'PATCH', `/api/rooms/${made.id}`, { private: false }));
    assert.equal(open.private, false);
    assert.equal((await nextEvent(olga, 'room_updated')).private, false);
    await soon(() => join(mia, name));
  });

  it('never reaches a stranger, by any event or route', async () => {
    const marks = { room: `den${freshName()}`, content: `secretword${freshName()}`.replace(/\W/g, '') };
    const made = await ok(http(key, 'POST', '/api/rooms', { name: marks.room, private: true, owner: 'olga' }));
    const id = made.id;
    const unknown = 987_654_321;
    const [olga, mia, eve] = [await enter('olga'), await enter('mia-in-the-den'), await enter('eve')];
    await ask(olga, 'add_member', { room: id, user_id: 'mia-in-the-den' });
    await join(olga, id);
    await soon(() => join(mia, id));
    await send(mia, id, marks.content);
    const hidden = (text, what) => {
      for (const word of [marks.room, marks.content, 'mia-in-the-den'])
        assert.ok(!text.includes(word), `${what}: ${text}`);
    };

    const events = {
      join_room: {},
      join: { since: 0 },
      leave_room: {},
      send_message: { content: 'x' },
      edit_message: { seq: 1, content: 'x' },
      delete_message: { seq: 1 },
      mark_read: { seq: 1 },
      typing: { is_typing: true },
      get_messages: {},
      search_messages: { q: marks.content },
      get_members: {},
      set_room: { private: false },
      kick_user: { user_id: 'olga' },
      ban_user: { user_id: 'olga' },
      unban_user: { user_id: 'olga' },
      mute_user: { user_id: 'olga' },
      unmute_user: { user_id: 'olga' },
      add_member: { user_id: 'eve' },
      remove_member: { user_id: 'olga' },
      get_standings: { kind: 'member' },
    };
    for (const [event, fields] of Object.entries(events)) {
      const there = await emitAck(eve, event, { ...fields, room: id });
      const nowhere = await emitAck(eve, event, { ...fields, room: unknown });
      assert.equal(there.error?.code, 'not_found', event);
      assert.deepEqual(there, nowhere, event);
      hidden(JSON.stringify(there), event);
      const named = await emitAck(eve, event, { ...fields, room: marks.room });
      assert.equal(named.error?.code, 'not_found', event);
      hidden(JSON.stringify(named), event);
    }

    const bearer = tokenOf('eve');
    const routes = [
      ['GET', (room) => `/api/rooms/${room}`],
      ['PATCH', (room) => `/api/rooms/${room}`, { private: false }],
      ['GET', (room) => `/api/rooms/${room}/members`],
      ['GET', (room) => `/api/messages/${room}`],
      ['GET', (room) => `/api/messages/${room}?around=1`],
      ['POST', (room) => `/api/messages/${room}`, { content: 'x' }],
      ['POST', () => '/messages', { content: 'x' }],
      ['GET', (room) => `/api/messages/${room}/search?q=${marks.content}`],
      ['PATCH', (room) => `/api/messages/${room}/1`, { content: 'x' }],
      ['DELETE', (room) => `/api/messages/${room}/1`],
      ['POST', (room) => `/api/rooms/${room}/kicks`, { user_id: 'olga' }],
    ];
    for (const list of ['roster', 'bans', 'mutes']) {
      routes.push(['GET', (room) => `/api/rooms/${room}/${list}`]);
      routes.push(['PUT', (room) => `/api/rooms/${room}/${list}/eve`, {}]);
      routes.push(['DELETE', (room) => `/api/rooms/${room}/${list}/eve`]);
    }
    for (const [method, path, body] of routes) {
      const at = (room) => (path() === '/messages' ? { ...body, room_id: room } : body);
      const there = await http(bearer, method, path(id), at(id));
      const nowhere = await http(bearer, method, path(unknown), at(unknown));
      assert.equal(there.status, 404, `${method} ${path(id)}: ${there.text}`);
      assert.equal(there.text, nowhere.text, `${method} ${path(id)}`);
      hidden(there.text, `${method} ${path(id)}`);
    }
    const lists = [
      `/api/rooms?q=${encodeURIComponent(marks.room)}`,
      '/api/rooms?limit=500',
      '/api/rooms?limit=500&user_id=eve',
      `/api/search?q=${marks.content}`,
    ];
    for (const path of lists) {
      const { status, text } = await http(bearer, 'GET', path);
      assert.equal(status, 200, `${path}: ${text}`);
      if (!path.includes(marks.content)) hidden(text, path);
      else assert.deepEqual(JSON.parse(text), { results: [], has_more: false });
    }
    // Only this shows: the name is taken.
    const taken = await http(bearer, 'POST', '/api/rooms', { name: marks.room });
    assert.equal(taken.status, 409);
    hidden(taken.text, 'POST /api/rooms');

    // And nothing of what its members do.
    await ask(mia, 'typing', { room: id, is_typing: true });
    await ask(mia, 'edit_message', { room: id, seq: 1, content: `${marks.content} again` });
    await ask(mia, 'delete_message', { room: id, seq: 1 });
    mia.close();
    await nextEvent(olga, 'user_left');
    const { room } = await join(eve, freshName());
    await fence(eve, eve, room.id);
    for (const name of ['new_message', 'typing', 'user_joined', 'user_left', 'presence', 'kicked'])
      hidden(JSON.stringify(received(eve, name)), name);
    for (const name of ['message_edited', 'message_deleted', 'room_updated', 'read', 'gap'])
      assert.deepEqual(received(eve, name), [], name);
  });
});

describe('A session whose user lost the room', () => {
  const recoverable = { reconnection: true, reconnectionDelay: 5, reconnectionDelayMax: 50 };
  const open = (user) =>
    connect(server, { auth: { token: tokenOf(user), recover: true }, ...recoverable });

  /// Takes the network away, and lets the client reconnect when `absent` is over.
  async function dropped(socket, absent) {
    socket.io.reconnection(false);
    const gone = once(socket, 'disconnect');
    socket.io.engine.transport.ws.terminate();
    await within(gone, 'disconnect');
    await absent();
    socket.io.reconnection(true);
    socket.connect();
    await connected(socket);
  }

  it('by a kick while it was away does not get the room back', async () => {
    const { room, olga } = await roomOf();
    const bob = await open('bob');
    await join(bob, room.name);
    await nextEvent(olga, 'user_joined');
    await dropped(bob, async () => {
      await nextEvent(olga, 'user_left');
      await ask(olga, 'kick_user', { room: room.id, user_id: 'bob' });
      await send(olga, room.id, 'without bob');
    });
    // Whether the session returns without the room or not at all: it has lost the room.
    await refused(bob, 'not_a_member', 'send_message', { room: room.id, content: 'x' });
    assert.deepEqual(received(bob, 'new_message'), []);
  });

  it('by a kick while it was there gets its other rooms back, and not this one', async () => {
    const { room, olga } = await roomOf();
    const other = freshName();
    const bob = await open('bob');
    await join(bob, room.name);
    await join(bob, other);
    await ask(olga, 'kick_user', { room: room.id, user_id: 'bob' });
    await kicked(bob);
    await dropped(bob, () => send(olga, room.id, 'without bob'));
    assert.equal(bob.recovered, true);
    await send(bob, other, 'here again');
    await refused(bob, 'not_a_member', 'send_message', { room: room.id, content: 'x' });
  });

  it('by a ban hears so when it comes back', async () => {
    const { room, olga } = await roomOf();
    const bob = await open('bob');
    await join(bob, room.name);
    await nextEvent(olga, 'user_joined');
    let last;
    await dropped(bob, async () => {
      await nextEvent(olga, 'user_left');
      await ask(olga, 'ban_user', { room: room.id, user_id: 'bob' });
      last = await send(olga, room.id, 'while bob was away');
    });
    // By `since` the server of this join hears of the ban, which came before that message.
    await refused(bob, 'forbidden', 'join_room', { room: room.id, since: last.seq });
    await send(olga, room.id, 'without bob');
    await fence(bob, bob, (await join(bob, freshName())).room.id);
    assert.deepEqual(received(bob, 'new_message').filter(({ room_id }) => room_id === room.id), []);
  });

  for (const [how, loses, isLetInAgain] of [
    [
      'since it became private',
      (olga, room) => ask(olga, 'set_room', { room, private: true }),
      (olga, room) => ask(olga, 'set_room', { room, private: false }),
    ],
    [
      'since it became private, and who is put on its roster',
      (olga, room) => ask(olga, 'set_room', { room, private: true }),
      (olga, room) => ask(olga, 'add_member', { room, user_id: 'bob' }),
    ],
    [
      'by being taken off its roster, and who is put on it again',
      async (olga, room) => {
        await ask(olga, 'add_member', { room, user_id: 'bob' });
        await ask(olga, 'set_room', { room, private: true });
        await ask(olga, 'remove_member', { room, user_id: 'bob' });
      },
      (olga, room) => ask(olga, 'add_member', { room, user_id: 'bob' }),
    ],
  ])
    it(`${how}, gets "kicked" in place of what it missed`, async () => {
      const { room, olga } = await roomOf();
      const other = freshName();
      const bob = await open('bob');
      await join(bob, other);
      await join(bob, room.name);
      await nextEvent(olga, 'user_joined');
      let last;
      await dropped(bob, async () => {
        await nextEvent(olga, 'user_left');
        await loses(olga, room.id);
        await send(olga, room.id, 'without bob');
        await isLetInAgain(olga, room.id);
        last = await send(olga, room.id, 'without bob still');
      });
      assert.equal(bob.recovered, true);
      assert.equal((await kicked(bob)).room_id, room.id);
      await refused(bob, 'not_a_member', 'send_message', { room: room.id, content: 'x' });
      await send(bob, other, 'here again');
      assert.deepEqual(received(bob, 'new_message'), []);
      // By `since` a server that has not heard yet of all this does so before it lets bob in.
      const { messages } = await soon(() => join(bob, room.name, { since: last.seq }));
      assert.deepEqual(messages, []);
      assert.equal(received(bob, 'kicked').length, 1);
    });
});

describe('In open mode', () => {
  let openServer;
  before(async () => (openServer = await Server.start()));
  after(() => openServer.stop());

  it('nobody owns, moderates or hides a room', async () => {
    const ann = await connect(openServer, { username: 'ann' });
    const { room } = await join(ann, freshName());
    for (const [event, fields] of [
      ['set_room', { private: true }],
      ['kick_user', { user_id: 'bob' }],
      ['ban_user', { user_id: 'bob' }],
      ['mute_user', { user_id: 'bob' }],
      ['add_member', { user_id: 'bob' }],
      ['get_standings', { kind: 'ban' }],
    ])
      await refused(ann, 'forbidden', event, { room: room.id, ...fields });
    const made = await openServer.post('/api/rooms', { name: freshName(), private: true });
    assert.deepEqual([made.status, made.body.error.code], [403, 'forbidden']);
    const kick = await openServer.post(`/api/rooms/${room.id}/kicks`, { user_id: 'ann' });
    assert.deepEqual([kick.status, kick.body.error.code], [403, 'forbidden']);
  });
});
