// The routes for people on call: who may use them, what they tell, and what they do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, request, within } from './support.mjs';
import { ask, closeClients, connect, join, nextEvent, openSocket, received, send } from './clients.mjs';
import { transportChoices } from './clients.mjs';
import { requestAs, startWithTokens, tokenOf } from './proven.mjs';

let server;
let key;
before(async () => ({ server, key } = await startWithTokens()));
after(() => server.stop());
afterEach(closeClients);

const admin = tokenOf('root', { scope: 'admin' });
const enter = (user, options = {}) => connect(server, { auth: { token: tokenOf(user) }, ...options });
const asked = (method, path, body, bearer = key) => requestAs(bearer, server, method, path, body);

async function ok(answer) {
  const { status, body } = await answer;
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
const now = () => ok(asked('GET', '/api/admin/now'));
const activity = () => ok(asked('GET', '/api/admin/activity'));

describe('The page for people on call', () => {
  it('is nowhere on a server without keys', async () => {
    const open = await Server.start();
    for (const path of ['/admin', '/admin/', '/api/admin/now', '/api/admin/activity', '/api/admin/trace', '/admin.html'])
      assert.equal((await open.get(path)).status, 404, path);
    for (const path of ['/api/admin/disconnect', '/api/admin/drain'])
      assert.equal((await request(open, 'POST', path, {}, { authorization: `Bearer ${admin}` })).status, 404);
    await open.stop();
  });

  it('is shown to everybody elsewhere, with a policy, while what it asks for is not', async () => {
    const { status, headers, text } = await server.get('/admin');
    assert.equal(status, 200);
    assert.match(text, /Hubbub on call/);
    assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|(?:href|src)="\//);
    const slashed = await server.get('/admin/');
    assert.deepEqual([slashed.status, slashed.headers.location], [308, '../admin']);
    assert.equal((await server.get('/admin/admin.html')).status, 404);
    assert.equal((await server.get('/api/admin/now')).status, 401);
    for (const scope of ['read', 'write', undefined])
      assert.equal((await asked('GET', '/api/admin/now', undefined, tokenOf('eve', { scope }))).status, 403);
    const some = tokenOf('eve', { scope: 'admin', rooms: ['tea'] });
    assert.equal((await asked('GET', '/api/admin/activity', undefined, some)).status, 403);
    // Only a header counts, which no page of another origin can make a browser send by itself.
    assert.equal((await server.get(`/api/admin/now?token=${admin}&key=${key}`)).status, 401);
    for (const bearer of [key, admin])
      assert.equal((await asked('GET', '/api/admin/now', undefined, bearer)).status, 200);
  });
});

describe('What happens now', () => {
  it('is told by the counters, from before an act to after it', async () => {
    const before = await now();
    assert.equal(before.ready, true);
    assert.equal(before.node, null);
    const room = freshName();
    const ann = await enter('ann');
    await join(ann, room);
    for (let i = 0; i < 3; ++i) await send(ann, room, `m${i}`);
    const { metrics, figures, history } = await now();
    const grown = (name) => metrics[name] - before.metrics[name];
    assert.equal(grown('hubbub_messages_stored_total'), 3);
    assert.equal(grown('hubbub_users_connected'), 1);
    assert.equal(figures.users_connected, metrics.hubbub_users_connected);
    assert.equal(history.interval_seconds, 10);
    assert.ok(history.figures.includes('ack_p99_seconds'));
    assert.deepEqual(Object.keys(figures), history.figures);
  });

  it('names the busiest rooms and users, as text, from the first question on', async () => {
    await activity();
    const room = freshName('<b>bold</b>');
    const ann = await enter('ann');
    const bob = await enter('bob');
    for (const each of [ann, bob]) await join(each, room);
    for (let i = 0; i < 4; ++i) await send(ann, room, `m${i}`);
    await send(bob, room, 'hello');
    const { rooms, users, span_seconds: span } = await activity();
    assert.ok(span >= 0);
    const found = rooms.find((each) => each.room === room);
    assert.deepEqual([found.messages, found.excess], [5, 0]);
    assert.ok(users.findIndex((each) => each.user_id === 'ann') >= 0);
    assert.equal(users.find((each) => each.user_id === 'bob').messages, 1);
  });
});

describe('The flight recorder', () => {
  const asking = (query) => asked('GET', `/api/admin/trace?${new URLSearchParams(query)}`);
  const trace = (query) => ok(asking(query));

  it('tells what happened to a user in a room, as far as is asked for', async () => {
    const room = freshName('the <b>room');
    const ann = await enter('ann');
    const bob = await enter('bob');
    await join(ann, room);
    await join(bob, room);
    for (let i = 0; i < 3; ++i) await send(ann, room, `m${i}`);
    const { since, left_out: leftOut, steps } = await trace({ user: 'bob', room });
    assert.ok(Date.parse(since) <= Date.now());
    assert.equal(leftOut, 0);
    const told = steps.map(({ kind }) => kind).filter((kind) => !['started', 'connected', 'ended'].includes(kind));
    assert.deepEqual(told, ['joined', 'message', 'message', 'message']);
    assert.match(steps.at(-1).text, /was stored as .*\/3 and went to 1 connection, 1 of them bob's$/);
    const last = await trace({ room, limit: 2 });
    assert.deepEqual(last.steps.map(({ seq }) => seq), [2, 3]);
    assert.ok(last.left_out >= 3);
    const none = await trace({ room, since: '2999-01-01T00:00:00Z' });
    assert.deepEqual([none.steps, none.left_out], [[], 0]);
    const far = await trace({ room, since: '9223372036854775807' });
    assert.deepEqual([far.steps, far.left_out], [[], 0]);
    for (const query of [{ limit: 0 }, { limit: 1001 }, { since: 'soon' }])
      assert.equal((await asking(query)).status, 400, JSON.stringify(query));
    const guest = await asked('GET', '/api/admin/trace', undefined, tokenOf('bob'));
    assert.equal(guest.status, 403);
  });

  it('is nowhere on a server that records nothing', async () => {
    const without = await startWithTokens({ args: ['--trace-bytes', '0'] });
    const { status, body } = await requestAs(without.key, without.server, 'GET', '/api/admin/trace');
    assert.deepEqual([status, body.error.code], [404, 'not_found']);
    await without.server.stop();
  });
});

describe('Slow readers', () => {
  it('are named while something waits for them', async () => {
    const path = '/socket.io/?EIO=4&transport=polling';
    const { text } = await server.get(path);
    const session = `${path}&sid=${JSON.parse(text.slice(1)).sid}`;
    const post = (packet) => request(server, 'POST', session, packet, { 'content-type': 'text/plain' });
    await post(`40${JSON.stringify({ token: tokenOf('sloth') })}`);
    assert.match((await server.get(session)).text, /^40/);
    // It asks for something and does not fetch the answer.
    await post(`420["join_room",{"room":"${freshName()}"}]`);
    const find = async () => {
      for (;;) {
        const { slow_readers: slow } = await activity();
        const found = slow.find((each) => each.user_id === 'sloth');
        if (found) return found;
      }
    };
    const found = await within(find(), 'the slow reader');
    assert.ok(found.queued_bytes > 0);
    assert.equal(found.client, '127.0.0.1');
    assert.match(found.connection, /^\d+-\d+$/);
    const { disconnected } = await ok(asked('POST', '/api/admin/disconnect', { user_id: 'sloth' }));
    assert.equal(disconnected, 1);
    assert.match((await server.get(session)).text, /\x1e41$/);
    await post('1');
  });
});

describe('Disconnecting a user', () => {
  it('ends all of their connections over each transport for good, and nobody else’s', async () => {
    const bob = await enter('bob');
    const room = freshName();
    await join(bob, room);
    const sockets = [];
    for (const { transports } of transportChoices)
      sockets.push(await enter('mallory', { transports }));
    for (const each of sockets) await join(each, room);
    const gone = sockets.map((each) => within(once(each, 'disconnect'), 'the disconnect'));
    const left = nextEvent(bob, 'user_left', ({ user_id: id }) => id === 'mallory');
    const { disconnected } = await ok(asked('POST', '/api/admin/disconnect', { user_id: 'mallory' }));
    assert.equal(disconnected, sockets.length);
    for (const [index, [reason]] of (await Promise.all(gone)).entries()) {
      assert.equal(reason, 'io server disconnect', transportChoices[index].title);
      assert.equal(sockets[index].active, false); // it does not try again by itself
    }
    await left;
    await send(bob, room, 'still here');
    // A client closes its connection a moment after it was told; until then it is counted.
    const none = async () => {
      while ((await ok(asked('POST', '/api/admin/disconnect', { user_id: 'mallory' }))).disconnected > 0);
    };
    await within(none(), 'the end of all connections');
    await server.logged(/admin_act: .*act="disconnect" by="backend" user="mallory"/g);
    await ask(await enter('mallory'), 'join_room', { room }); // who is not banned may come again
  });

  it('wants a user_id', async () => {
    for (const body of [undefined, {}, { user_id: 5 }, { user_id: '' }])
      assert.equal((await asked('POST', '/api/admin/disconnect', body)).status, 400);
  });
});

describe('The namespace of the Admin UI', () => {
  const look = (password, options = {}) =>
    openSocket(server, { namespace: '/admin', auth: { username: 'x', password }, ...options });
  const failed = async (socket) => (await nextEvent(socket, 'connect_error')).message;

  it('lets in who may see the page, and says no in the words that the Admin UI knows', async () => {
    for (const wrong of [undefined, '', 'hbk_wrong', tokenOf('eve'), tokenOf('eve', { scope: 'write' })])
      assert.equal(await failed(look(wrong)), 'invalid credentials');
    const bare = openSocket(server, { namespace: '/admin' });
    assert.equal(await failed(bare), 'invalid credentials');
    for (const right of [key, admin]) {
      const socket = look(right);
      assert.deepEqual(await nextEvent(socket, 'config'), { supportedFeatures: ['AGGREGATED_EVENTS'] });
    }
    const open = await Server.start();
    const refused = openSocket(open, { namespace: '/admin', auth: { username: 'x', password: key } });
    assert.equal(await failed(refused), 'Invalid namespace');
    await open.stop();
  });

  it('tells how many clients there are, again and again, and takes no orders', async () => {
    const ann = await enter('ann');
    const polling = await enter('bob', { transports: ['polling'] });
    const socket = look(key);
    // Clients of the tests before this one may still be ending.
    const stats = await nextEvent(socket, 'server_stats', ({ clientsCount: all }) => all === 3);
    assert.equal(stats.pollingClientsCount, 1);
    assert.deepEqual(stats.namespaces, [{ name: '/', socketsCount: 3 }]);
    assert.equal(stats.pid, server.child.pid);
    socket.emit('_disconnect', '/', true, ann.id);
    socket.emit('emit', '/', undefined, 'forged', 1);
    polling.disconnect();
    const ended = nextEvent(socket, 'server_stats', ({ aggregatedEvents: all }) =>
      all.some(({ type, subType }) => type === 'rawDisconnection' && subType === 'client_close'),
    );
    assert.equal((await ended).clientsCount, 2);
    assert.equal(ann.connected, true);
    const room = freshName();
    await join(ann, room);
    assert.equal(received(ann, 'forged').length, 0);
  });
});

describe('Draining', () => {
  it('ends the server as SIGTERM does, and clients come back elsewhere', async () => {
    const other = await startWithTokens();
    const ann = await connect(other.server, {
      auth: { token: tokenOf('ann') },
      reconnection: false,
    });
    const gone = within(once(ann, 'disconnect'), 'the disconnect');
    const drain = () => requestAs(other.key, other.server, 'POST', '/api/admin/drain');
    assert.equal((await requestAs(tokenOf('eve'), other.server, 'POST', '/api/admin/drain')).status, 403);
    const { status, body } = await drain();
    assert.deepEqual([status, body], [202, { status: 'draining' }]);
    const [reason] = await gone;
    assert.match(reason, /^transport /); // official clients reconnect after that
    const [code, signal] = await within(other.server.exited, 'the end of the server');
    assert.deepEqual([code, signal], [0, null], other.server.log);
  });
});
