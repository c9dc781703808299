// Three servers behind a proxy that knows nothing of sessions: each request goes to the next server,
// which passes it on to the session's node. Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, assertSound, binary, environment, freshName, run } from '../support.mjs';
import { temporaryFolder, within } from '../support.mjs';
import { closeClients, connect, connected, join, nextEvent } from '../clients.mjs';
import { onTransport, received, send, transportChoices } from '../clients.mjs';
import { heldPort } from '../ports.mjs';
import { RoundRobin } from './round_robin.mjs';

const secretFile = pathOf(temporaryFolder(), 'secret');
writeFileSync(secretFile, `${'a secret of nodes'.replaceAll(' ', '-')}-${'0123456789'.repeat(3)}\n`);

const asNode = (number) => [
  ...['--node-id', String(number), '--head-poll', '50ms', '--node-lease', '3s'],
  ...['--node-listen', '127.0.0.1:0', '--node-secret-file', secretFile],
];
const nodeOf = (socket) => socket.io.engine.id.slice(0, 2);
const prefixes = ['AB', 'AC', 'AD'];
const sum = async (servers, metric) =>
  (await Promise.all(servers.map((each) => each.metric(metric)))).reduce((all, one) => all + one, 0);

/// Resolves once each server knows of all others.
const acquainted = (servers) =>
  Promise.all(servers.map((each) => each.logged(/node_found/g, { count: servers.length - 1 })));

async function startNodes() {
  const first = await Server.start({ args: asNode(1) });
  const rest = [2, 3].map((number) => Server.start({ args: asNode(number), database: first.database }));
  const nodes = [first, ...(await Promise.all(rest))];
  await acquainted(nodes);
  return nodes;
}

describe('Behind a proxy without sticky sessions', () => {
  let nodes;
  let proxy;
  let detour;
  before(async () => {
    nodes = await startNodes();
    proxy = await RoundRobin.start(nodes);
    detour = await RoundRobin.start(nodes, (node, path) => path.includes(`sid=${prefixes[nodes.indexOf(node)]}`));
  });
  after(async () => {
    proxy.stop();
    detour.stop();
    for (const node of nodes) await node.stop();
    await assertSound(nodes[0]);
  });
  afterEach(closeClients);

  /// Six members of a room connect, and each hears everything that the others say.
  async function chat(front, transports, ends) {
    const room = freshName();
    const members = [];
    for (let i = 0; i < 6; ++i) {
      const member = await connect(front, { username: freshName('member'), transports });
      await onTransport(member, ends);
      await join(member, room);
      members.push(member);
    }
    for (let round = 0; round < 3; ++round)
      for (const member of members) await send(member, room, `${round} from ${member.id}`);
    for (const member of members) {
      for (const other of members.filter((each) => each !== member))
        await nextEvent(member, 'new_message', ({ content }) => content === `2 from ${other.id}`);
      const seqs = received(member, 'new_message').map(({ seq }) => seq);
      assert.deepEqual(seqs, seqs.toSorted((a, b) => a - b));
      assert.equal(new Set(seqs).size, 15);
    }
  }

  for (const { title, transports, ends } of transportChoices)
    it(`${title} works`, () => chat(proxy, transports, ends));

  it('polling works if each request comes to a wrong server', async () => {
    const before = await sum(nodes, 'hubbub_forwarded_requests_total');
    await chat(detour, ['polling'], 'polling');
    const passed = (await sum(nodes, 'hubbub_forwarded_requests_total')) - before;
    assert.ok(passed > 6 * 4, `${passed} requests were passed on`);
    assert.equal(await sum(nodes, 'hubbub_forward_failures_total'), 0);
    assert.equal(await sum(nodes, 'hubbub_node_requests_refused_total'), 0);
  });

  it('and so does the upgrade to a WebSocket, by a pipe', async () => {
    const before = await sum(nodes, 'hubbub_forward_pipes_total');
    await chat(detour, ['polling', 'websocket'], 'websocket');
    assert.equal((await sum(nodes, 'hubbub_forward_pipes_total')) - before, 6);
  });

  for (const transports of [['polling'], ['polling', 'websocket']])
    it(`the Python client chats over ${transports.join(' and ')}`, async () => {
      const room = freshName();
      const ana = await connect(proxy, { username: 'ana', transports: ['polling'] });
      await join(ana, room);
      const script = fileURLToPath(new URL('chatting_client.py', import.meta.url));
      const child = spawn('/usr/bin/python3', ['-B', script, proxy.url, room, '5', ...transports], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
      const ended = once(child, 'exit');
      for (let i = 0; i < 5; ++i) await nextEvent(ana, 'new_message', ({ content }) => content === `python ${i}`);
      const words = Array.from({ length: 5 }, (_, i) => `ana ${i}`);
      for (const word of [...words, 'end']) await send(ana, room, word);
      const [code] = await within(ended, () => `the end of the Python client, which said ${said}`);
      assert.equal(code, 0);
      assert.deepEqual(said.split('\n'), ['said', ...words, 'end', '']);
    });

  it('a session unknown to its node, or of a node unknown to all, is refused by every one', async () => {
    for (const prefix of ['AB', 'zz'])
      for (const node of nodes) {
        const sid = `${prefix}${'0'.repeat(32)}0`;
        const { status, body } = await node.get(`/socket.io/?EIO=4&transport=polling&sid=${sid}`);
        assert.deepEqual([status, body], [400, { code: 1, message: 'Session ID unknown' }]);
      }
  });

  it('hubbub cluster status says how the nodes are reached', async () => {
    const args = ['cluster', 'status', '--db', nodes[0].database, '--json'];
    const { code, stdout, stderr } = await run(binary('hubbub'), args, { env: environment() });
    assert.equal(code, 0, stderr);
    for (const { url } of JSON.parse(stdout).nodes) assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('the sessions of a node that is killed are recovered on another', async () => {
    const room = freshName();
    const auth = { username: 'ana', recover: true };
    const how = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100 };
    const ana = await connect(proxy, { auth, transports: ['polling'], ...how });
    await join(ana, room);
    const home = nodes[prefixes.indexOf(nodeOf(ana))];
    const writer = await connect(nodes.find((each) => each !== home), { username: 'writer' });
    await join(writer, room);
    await send(writer, room, 'seen');
    await nextEvent(ana, 'new_message', (args) => (args[0] ?? args).content === 'seen');
    const sid = ana.id;
    const gone = once(ana, 'disconnect');
    await home.kill();
    for (let i = 0; i < 3; ++i) await send(writer, room, `missed ${i}`);
    await within(gone, 'the end of the session');
    await connected(ana);
    assert.equal(ana.recovered, true);
    assert.equal(ana.id, sid);
    await nextEvent(ana, 'new_message', (args) => (args[0] ?? args).content === 'missed 2');
    await send(ana, room, 'back');
    await nextEvent(writer, 'new_message', ({ content }) => content === 'back');
    const seqs = received(ana, 'new_message').map((args) => (args[0] ?? args).seq);
    assert.deepEqual(seqs, [1, 2, 3, 4]);
    for (const each of nodes.filter((node) => node !== home)) await each.logged(/node_gone/g);
    await home.restart();
    await home.logged(/node_found/g, { count: 4 });
  });
});

describe('A server that is replaced by a new process', () => {
  it('is reached by the others at the same place', async () => {
    const one = await Server.start({ args: asNode(1) });
    const at = ['--node-listen', `127.0.0.1:${await heldPort()}`];
    const two = await Server.start({ args: [...asNode(2), ...at], database: one.database });
    await acquainted([one, two]);
    const control = `${pathOf(two.folder, 'search.db')}.control`;
    // A file that is complete only together with what the server's command line says.
    const file = pathOf(temporaryFolder(), 'hubbub.toml');
    writeFileSync(file, `db = "${two.database}"\nnode_secret_file = "${secretFile}"\n`);
    const args = ['upgrade', '--config', file, '--control', control];
    const { code, stdout, stderr } = await run(binary('hubbub'), args, { env: environment() });
    assert.equal(code, 0, stderr);
    const pid = Number(/^process (\d+) serves now/.exec(stdout)[1]);
    await two.logged(/node_found/g, { count: 2 });
    for (const [home, other] of [[one, two], [two, one]]) {
      const detour = await RoundRobin.start([home, other], (node, path) => node === home && path.includes('sid='));
      const client = await connect(detour, { username: 'ana', transports: ['polling'] });
      await join(client, 'tea');
      assert.ok((await other.metric('hubbub_forwarded_requests_total')) > 0);
      assert.equal(await other.metric('hubbub_forward_failures_total'), 0);
      closeClients();
      detour.stop();
    }
    const closed = once(two.child.stderr, 'close');
    process.kill(pid, 'SIGTERM');
    await within(closed, () => `the end of all processes: ${two.log}`);
    await one.stop();
  });
});

describe('Settings for other nodes', () => {
  const refusal = async (...args) => {
    const all = ['serve', '--db', 'postgres:///nowhere', '--port', '0', ...args];
    const { code, stderr } = await run(binary('hubbub'), all, { env: environment() });
    assert.notEqual(code, 0);
    return stderr;
  };
  it('that do not fit together are refused in a sentence', async () => {
    const id = ['--node-id', '1'];
    assert.match(await refusal(...id, '--node-listen', '127.0.0.1:0'), /node_secret_file go together/);
    assert.match(await refusal(...id, '--node-url', 'http://a:1'), /node_url needs node_listen/);
    const whole = ['--node-secret-file', secretFile, '--node-listen'];
    assert.match(await refusal(...whole, '127.0.0.1:0'), /give each a node_id/);
    assert.match(await refusal(...id, ...whole, '*:6005'), /say with node_url/);
    assert.match(await refusal(...id, ...whole, '*:6005', '--node-url', 'https://a:1'), /http:\/\/HOST:PORT/);
  });
  it('name the real cause if clients and nodes are to come in at one port', async () => {
    const server = await Server.start({ args: [] });
    await server.stop();
    const port = await heldPort();
    for (const clients of [['--port', String(port)], ['--listen', `127.0.0.1:${port}`]]) {
      const args = ['serve', '--db', server.database, '--node-id', '1', ...clients];
      args.push('--node-listen', `127.0.0.1:${port}`, '--node-secret-file', secretFile);
      const { code, stderr } = await run(binary('hubbub'), args, {
        env: environment(),
        cwd: temporaryFolder(),
      });
      assert.notEqual(code, 0);
      assert.match(stderr, new RegExp(`port ${port} is that of node_listen, too: give node_listen a port of`));
    }
  });
  it('that are a secret which everybody may read are warned of, once', async () => {
    const readable = pathOf(temporaryFolder(), 'secret');
    writeFileSync(readable, `${'0123456789'.repeat(4)}\n`);
    const node = ['--node-id', '1', '--node-listen', '127.0.0.1:0', '--node-secret-file', readable];
    const lines = async (mode) => {
      chmodSync(readable, mode);
      const server = await Server.start({ args: node });
      await server.stop();
      return server.log.match(/ warning secret_exposed: .*$/gm) ?? [];
    };
    const [line, ...more] = await lines(0o644);
    assert.match(line, / setting="node_secret_file" file="/);
    assert.deepEqual(more, []);
    assert.deepEqual(await lines(0o640), []);
  });
  it('need a secret that cannot be guessed', async () => {
    const short = pathOf(temporaryFolder(), 'secret');
    writeFileSync(short, 'tea\n');
    const server = await Server.start({ args: [] });
    await server.stop();
    const args = ['serve', '--db', server.database, '--port', '0', '--node-id', '1'];
    args.push('--node-listen', '127.0.0.1:0', '--node-secret-file', short);
    const { code, stderr } = await run(binary('hubbub'), args, { env: environment() });
    assert.notEqual(code, 0);
    assert.match(stderr, /node_secret_file .*32 to 1000/);
  });
});
