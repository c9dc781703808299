// Invisible characters in names: refused in new names, kept in old ones.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, closeClients, connect, join, nextEvent, openSocket, refused } from './clients.mjs';
import { requestAs, startWithTokens, tokenOf } from './proven.mjs';
import { Server, binary, environment, freshName, run, temporaryFolder } from './support.mjs';

afterEach(closeClients);

const hidden = ['bo\u200bb', '\u202ebob', 'bob\u2066', 'b\u200dob', 'bob\u3164', '\ufeffbob'];
const needed = ['علی\u200cرضا', 'ශ\u0dca\u200dරී', 'র\u200d\u09cdযাব', '👩🏽\u200d💻', '葛\u{e0100}城'];

describe('In open mode', () => {
  let server;
  before(async () => (server = await Server.start()));
  after(() => server?.stop());

  it('nobody comes in under a name with something hidden', async () => {
    for (const username of hidden) {
      const { message, data } = await nextEvent(openSocket(server, { auth: { username } }), 'connect_error');
      assert.deepEqual([message, data.code], ['bad_request', 'bad_request'], JSON.stringify(username));
      await refused(await connect(server), 'bad_request', 'join_room', { room: freshName(), username });
      const { status } = await server.post('/messages', { room: freshName(), username, content: 'x' });
      assert.equal(status, 400);
    }
  });

  it('names of real languages stay as they are', async () => {
    for (const username of needed) {
      const { members } = await join(await connect(server, { username }), freshName());
      assert.deepEqual([members[0].user_id, members[0].username], [username, username]);
      const { status, body } = await server.post('/api/rooms', { name: username });
      assert.deepEqual([status, body.name], [201, username]);
    }
  });

  it('no room is made under such a name, and one that is there is found by it', async () => {
    const eve = await connect(server, { username: 'eve' });
    for (const name of hidden) {
      await refused(eve, 'bad_request', 'join_room', { room: name });
      assert.equal((await server.post('/api/rooms', { name })).status, 400);
      assert.equal((await server.post('/messages', { room: name, username: 'eve', content: 'x' })).status, 400);
    }
    const old = 'lob\u200bby';
    const file = joinPath(temporaryFolder(), 'old.jsonl');
    const line = { user_id: 'bo\u200bb', username: 'bo\u200bb', content: 'hello', created_at: '2026-01-01T00:00:00.000Z' };
    writeFileSync(file, JSON.stringify(line));
    closeClients();
    await server.stop();
    const args = ['db', 'import', '--db', server.database, '--room', old, file];
    assert.equal((await run(binary('hubbub'), args, { env: environment() })).code, 0);
    await server.restart();
    const { room, messages } = await join(await connect(server, { username: 'eve' }), old);
    assert.equal(room.name, old);
    assert.deepEqual([messages[0].user_id, messages[0].content], [line.user_id, 'hello']);
    const mine = await ask(await connect(server), 'get_messages', { room: old, user_id: line.user_id });
    assert.equal(mine.messages.length, 1);
  });
});

describe('With proven names', () => {
  let server;
  let key;
  before(async () => ({ server, key } = await startWithTokens()));
  after(() => server?.stop());

  it('a user_id is never altered, and a name that is only shown is cleaned', async () => {
    const room = freshName();
    const bob = await connect(server, { auth: { token: tokenOf('bob', { name: 'Bo\u200bb \u202e' }) } });
    const { members } = await join(bob, room);
    assert.deepEqual([members[0].user_id, members[0].username], ['bob', 'Bob']);
    const socket = openSocket(server, { auth: { token: tokenOf('bo\u200bb') } });
    assert.equal((await nextEvent(socket, 'connect_error')).data.code, 'token_invalid');

    const post = (who) => requestAs(key, server, 'POST', '/messages', { room, content: 'x', ...who });
    const shown = await post({ user_id: 'ann', username: 'An\u200bn' });
    assert.deepEqual([shown.status, shown.body.user_id, shown.body.username], [201, 'ann', 'Ann']);
    for (const who of [{ user_id: 'an\u200bn' }, { user_id: ' ann' }, { username: 'an\u200bn' }])
      assert.equal((await post(who)).status, 400, JSON.stringify(who));
  });

  it('whoever has such a user_id already can be moderated by it', async () => {
    const { room } = await join(await connect(server, { auth: { token: tokenOf('olga') } }), freshName());
    for (const user of hidden) {
      const path = `/api/rooms/${room.id}/bans/${encodeURIComponent(user)}`;
      const { status, body } = await requestAs(key, server, 'PUT', path);
      assert.deepEqual([status, body.standing.user_id], [200, user]);
      assert.equal((await requestAs(key, server, 'DELETE', path)).status, 200);
    }
  });
});
