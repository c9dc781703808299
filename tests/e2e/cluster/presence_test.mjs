// Who is in a room whose members are on two servers: by the head poll alone, and over a bus. Run by
// tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Server, assertSound, binary, environment, freshName, request, run, until } from '../support.mjs';
import { ask, closeClients, connect, join, nextEvent, received } from '../clients.mjs';
import { requestAs, startWithTokens, tokenOf } from '../proven.mjs';

const asNode = (number, args) => ['--node-id', String(number), ...args];
const names = ({ members }) => members.map(({ user_id }) => user_id);

// Describes two servers; `cases` is given a function that returns them.
function onTwoServers(title, args, cases) {
  describe(title, () => {
    let both;
    before(async () => {
      const one = await Server.start({ args: asNode(1, args) });
      both = [one, await Server.start({ args: asNode(2, args), database: one.database })];
    });
    after(async () => {
      for (const each of both) await each.stop();
      await assertSound(both[0]);
    });
    afterEach(closeClients);
    cases(() => both);
  });
}

/// Kills server `two`, on which Ben and Cy are in a room with Ana, who is on `one`.
async function threeWhoLoseAServer(one, two) {
  const room = freshName();
  const ana = await connect(one, { username: 'ana' });
  await join(ana, room);
  for (const username of ['ben', 'cy']) await join(await connect(two, { username }), room);
  await nextEvent(ana, 'user_joined', ({ members_total }) => members_total === 3);
  await two.kill();
  return { ana, room };
}

function isShared(how, args) {
  onTwoServers(`Presence on two servers, with ${how}`, args, (servers) => {
    it('tells who comes and goes on the other, and counts a user on both once', async () => {
      const [one, two] = servers();
      const room = freshName();
      const ana = await connect(one, { username: 'ana' });
      await join(ana, room);
      const ben = await connect(two, { username: 'ben' });
      await join(ben, room);
      assert.equal((await nextEvent(ana, 'user_joined')).members_total, 2);
      // Ben may have been told of Ana by the ack of his join.
      await until(() => ask(ben, 'get_members', { room }), (page) => page.members_total === 2, 'two members');
      for (const who of [ana, ben])
        assert.deepEqual(names(await ask(who, 'get_members', { room })), ['ana', 'ben']);
      const again = await connect(one, { username: 'ben' });
      await join(again, room);
      const cy = await connect(two, { username: 'cy' });
      await join(cy, room);
      await nextEvent(ana, 'user_joined', ({ user_id }) => user_id === 'cy');
      ben.disconnect();
      cy.disconnect();
      await nextEvent(ana, 'user_left', ({ user_id }) => user_id === 'cy');
      assert.deepEqual(names(await ask(ana, 'get_members', { room })), ['ana', 'ben']);
      again.disconnect();
      await nextEvent(ana, 'user_left', ({ user_id }) => user_id === 'ben');
      assert.deepEqual(received(ana, 'user_joined').map(({ user_id }) => user_id), ['ben', 'cy']);
      assert.deepEqual(received(ana, 'user_left').map(({ user_id }) => user_id), ['cy', 'ben']);
    });

    it('is told over HTTP of rooms that nobody uses here', async () => {
      const [one, two] = servers();
      const room = freshName();
      const ana = await connect(two, { username: 'ana' });
      const { id } = (await join(ana, room)).room;
      await join(await connect(two, { username: 'ben' }), room);
      const shown = async () => (await request(one, 'GET', `/api/rooms/${id}`)).body.members_total;
      const become = (total) => until(shown, (now) => now === total, `${total} members`);
      await become(2);
      const { body: list } = await request(one, 'GET', `/api/rooms?q=${room}`);
      assert.deepEqual(list.rooms.map(({ members_total: total }) => total), [2]);
      ana.disconnect();
      await become(1);
      const { body: members } = await request(one, 'GET', `/api/rooms/${id}/members`);
      assert.deepEqual([names(members), members.members_total], [['ben'], 1]);
    });

    it('is in the ack of the join that wakes a room', async () => {
      const [one, two] = servers();
      const room = freshName();
      await join(await connect(two, { username: 'ana' }), room);
      const shown = () => request(one, 'GET', `/api/rooms?q=${room}`);
      await until(shown, ({ body }) => body.rooms[0]?.members_total === 1, 'one member');
      const ben = await connect(one, { username: 'ben' });
      const { members, members_total: total } = await join(ben, room);
      assert.deepEqual([members.map(({ user_id }) => user_id), total], [['ana', 'ben'], 2]);
      const cy = await connect(one, { username: 'cy' });
      await join(cy, room);
      await nextEvent(ben, 'user_joined', ({ user_id }) => user_id === 'cy');
      assert.deepEqual(received(ben, 'user_joined').map(({ user_id }) => user_id), ['cy']);
    });

    it('is shown by hubbub cluster status', async () => {
      const [one, two] = servers();
      const room = freshName();
      const ana = await connect(one, { username: 'ana' });
      await join(ana, room);
      await join(await connect(two, { username: 'ana' }), room);
      await join(await connect(two, { username: 'ben' }), room);
      await nextEvent(ana, 'user_joined');
      const status = (...more) =>
        run(binary('hubbub'), ['cluster', 'status', '--db', one.database, ...more], { env: environment() });
      const counted = async () => JSON.parse((await status('--json')).stdout);
      // Those of the test before may still be leaving.
      const { nodes, ...all } = await until(counted, ({ members }) => members === 2, 'two members');
      assert.deepEqual(nodes.map(({ node_id, alive, members }) => [node_id, alive, members]), [
        [1, true, 1],
        [2, true, 2],
      ]);
      assert.deepEqual(all, { rooms: 1, members: 2, users: 2 });
      assert.match((await status()).stdout, /^node +epoch +lease +rooms +members +url\n1 +\d+ +\d s left +1 +1\n2 /);
    });
  });

  // A short lease would be lost on a busy machine, so only those have one who wait for its end.
  onTwoServers(`The end of a lease, with ${how}`, ['--node-lease', '8s', ...args], (servers) => {
    it('keeps the members of a server that is killed until its lease ends, and those who come back', async () => {
      const [one, two] = servers();
      const { ana, room } = await threeWhoLoseAServer(one, two);
      const ben = await connect(one, { username: 'ben' });
      await join(ben, room);
      const left = await nextEvent(ana, 'user_left');
      assert.deepEqual([left.user_id, left.reason, left.members_total], ['cy', 'timeout', 2]);
      assert.deepEqual(names(await ask(ana, 'get_members', { room })), ['ana', 'ben']);
      assert.equal(received(ana, 'user_left').length, 1);
      await two.restart();
      const cy = await connect(two, { username: 'cy' });
      await join(cy, room);
      await nextEvent(ana, 'user_joined', ({ user_id, members_total }) => user_id === 'cy' && members_total === 3);
    });

    it('is when hubbub cluster status no longer counts those of the run before', async () => {
      const [one, two] = servers();
      const { ana, room } = await threeWhoLoseAServer(one, two);
      await two.restart();
      await join(await connect(two, { username: 'dan' }), room);
      await nextEvent(ana, 'user_joined', ({ user_id }) => user_id === 'dan');
      const counts = async () => {
        const args = ['cluster', 'status', '--db', one.database, '--json'];
        const { nodes, rooms, members } = JSON.parse((await run(binary('hubbub'), args, { env: environment() })).stdout);
        return [...nodes.map((node) => [node.node_id, node.rooms, node.members]), [rooms, members]];
      };
      assert.deepEqual(await counts(), [[1, 1, 1], [2, 1, 3], [1, 4]]);
      await nextEvent(ana, 'user_left', ({ members_total }) => members_total === 2);
      assert.deepEqual(await counts(), [[1, 1, 1], [2, 1, 1], [1, 2]]);
      await two.kill();
      assert.deepEqual(await counts(), [[1, 1, 1], [2, 1, 1], [1, 2]]);
      await nextEvent(ana, 'user_left', ({ user_id }) => user_id === 'dan');
      assert.deepEqual(await counts(), [[1, 1, 1], [2, 0, 0], [1, 1]]);
      await two.restart();
    });

    it('closes the connections of a server that stood still for longer than its lease', async () => {
      const [one, two] = servers();
      const room = freshName();
      const ana = await connect(one, { username: 'ana' });
      await join(ana, room);
      const ben = await connect(two, { username: 'ben', reconnection: false });
      await join(ben, room);
      await nextEvent(ana, 'user_joined');
      const ended = new Promise((resolve) => ben.once('disconnect', resolve));
      two.child.kill('SIGSTOP');
      const left = await nextEvent(ana, 'user_left');
      assert.deepEqual([left.user_id, left.reason], ['ben', 'timeout']);
      two.child.kill('SIGCONT');
      assert.notEqual(await ended, 'io server disconnect');
      await two.logged(/lease_held/g);
      assert.equal(await two.metric('hubbub_node_lease_lost_total'), 1);
      assert.deepEqual(two.log.match(/lease_(lost|held)/g), ['lease_lost', 'lease_held']);
      await join(await connect(two, { username: 'ben' }), room);
      await nextEvent(ana, 'user_joined', ({ user_id }) => user_id === 'ben' && received(ana, 'user_joined').length === 2);
    });
  });
}

describe('People on call', () => {
  it('are told of a server whose settings differ from those of the others', async () => {
    const one = await Server.start({ args: asNode(1, []) });
    const same = await Server.start({ args: asNode(2, []), database: one.database });
    const args = asNode(3, ['--typing-timeout', '9s', '--max-content', '10']);
    const other = await Server.start({ args, database: one.database });
    await other.logged(/settings_differ/g, { count: 2 });
    assert.match(other.log, /node=[12] .*max_content \(here '10', there '4000'\), typing_timeout \(here '9s', there '6s'\)/);
    for (const each of [one, same, other]) await each.stop();
    assert.doesNotMatch(same.log, /settings_differ/);
  });

  it('disconnect a user from all servers', async () => {
    const { server: one, key } = await startWithTokens({ args: asNode(1, ['--head-poll', '50ms']) });
    const { server: two } = await startWithTokens({ args: asNode(2, ['--head-poll', '50ms']), database: one.database });
    const enter = (server, user) => connect(server, { auth: { token: tokenOf(user) } });
    const ana = [await enter(one, 'ana'), await enter(two, 'ana'), await enter(two, 'ana')];
    const ben = await enter(two, 'ben');
    await until(() => requestAs(key, one, 'GET', '/api/admin/now'), ({ body }) => body.nodes.others.length === 1, 'the other');
    const { body } = await requestAs(key, one, 'POST', '/api/admin/disconnect', { user_id: 'ana' });
    assert.deepEqual(body, { disconnected: 1 });
    for (const each of ana) assert.equal(await nextEvent(each, 'disconnect'), 'io server disconnect');
    assert.ok(ben.connected);
    await two.logged(/admin_act: .*act="disconnect" users=1 disconnected=2/g);
    await join(await enter(two, 'ana'), freshName()); // she may come back
    for (const each of [one, two]) await each.stop();
  });

  it('are told which other servers there are', async () => {
    const { server: one, key } = await startWithTokens({ args: asNode(1, []) });
    const two = await Server.start({ args: asNode(2, ['--node-lease', '3s']), database: one.database });
    const nodes = async (from) => (await requestAs(key, from, 'GET', '/api/admin/now')).body.nodes;
    const others = async (wanted) => {
      let found;
      while ((found = await nodes(one)).others.length !== wanted) await setTimeout(50);
      return found;
    };
    const { lease_held: held, lease_seconds: left, others: all } = await others(1);
    assert.deepEqual([held, all], [true, [{ node: 2, url: null }]]);
    assert.ok(left > 0 && left <= 10, `${left} s`);
    await two.kill();
    await others(0);
    await one.stop();
    const { server: alone, key: its } = await startWithTokens();
    assert.equal((await requestAs(its, alone, 'GET', '/api/admin/now')).body.nodes, null);
    await alone.stop();
  });
});

isShared('the head poll', ['--head-poll', '50ms']);
isShared('a bus', ['--bus', 'postgres', '--head-poll', '1m']);
