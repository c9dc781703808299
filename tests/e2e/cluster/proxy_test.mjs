// Two servers behind the nginx that `hubbub cluster proxy-config` configures: a session's requests
// reach its node by the session id alone; and behind the HAProxy. Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { HAProxy } from '../haproxy.mjs';
import { Nginx } from '../nginx.mjs';
import { Server, binary, environment, freshName, run } from '../support.mjs';
import { closeClients, connect, join, nextEvent, onTransport, send } from '../clients.mjs';
import { transportChoices } from '../clients.mjs';

const asNode = (number) => ['--node-id', String(number), '--head-poll', '50ms'];
const proxyConfig = (...args) =>
  run(binary('hubbub'), ['cluster', 'proxy-config', ...args], { env: environment() });

let one;
let two;
let nginx;
before(async () => {
  one = await Server.start({ args: asNode(1) });
  two = await Server.start({ args: asNode(2), database: one.database });
  const nodes = [`1=127.0.0.1:${one.port}`, `2=127.0.0.1:${two.port}`];
  const { stdout, stderr } = await proxyConfig('nginx', ...nodes);
  assert.match(stdout, /\n {2}listen 8080;\n/, stderr);
  nginx = await Nginx.start((socket) => stdout.replace('listen 8080', `listen ${socket}`));
});
after(async () => {
  await nginx.stop();
  await one.stop();
  await two.stop();
});
afterEach(closeClients);

describe('Behind a proxy that goes by session ids', () => {
  for (const { title, transports, ends } of transportChoices)
    it(`${title} works on both nodes`, async () => {
      const room = freshName();
      const members = [];
      for (let i = 0; i < 8; ++i) {
        const member = await connect(nginx, { username: freshName('member'), transports });
        await onTransport(member, ends);
        await join(member, room);
        members.push(member);
      }
      if (ends === 'polling') {
        const nodes = new Set(members.map((each) => each.io.engine.id.slice(0, 2)));
        assert.deepEqual([...nodes].sort(), ['AB', 'AC']);
      }
      for (const member of members) await send(member, room, `from ${member.id}`);
      for (const member of members)
        for (const other of members.filter((each) => each !== member))
          await nextEvent(member, 'new_message', ({ content }) => content === `from ${other.id}`);
    });
});

describe('Behind HAProxy', () => {
  it('nobody is refused when a node is killed', async () => {
    const three = await Server.start({ args: asNode(3), database: one.database });
    const nodes = [`1=127.0.0.1:${one.port}`, `3=127.0.0.1:${three.port}`];
    const { stdout } = await proxyConfig('haproxy', ...nodes);
    const proxy = await HAProxy.start((socket) => stdout.replace('bind :8080', `bind ${socket}`));
    const opened = () => proxy.get('/socket.io/?EIO=4&transport=polling');
    const first = [await opened(), await opened()];
    const prefixes = first.map(({ body }) => JSON.parse(body.slice(1)).sid.slice(0, 2));
    assert.deepEqual(prefixes.sort(), ['AB', 'AD'], 'the proxy takes both nodes for well');
    await three.kill();
    for (let i = 0; i < 6; ++i) assert.equal((await opened()).status, 200);
    await proxy.stop();
  });

  it('a request for a session of a node that was killed is answered at once', async () => {
    const four = await Server.start({ args: asNode(4), database: one.database });
    const { stdout } = await proxyConfig('haproxy', `4=127.0.0.1:${four.port}`);
    const proxy = await HAProxy.start((socket) => stdout.replace('bind :8080', `bind ${socket}`));
    const opened = await proxy.get('/socket.io/?EIO=4&transport=polling');
    const { sid } = JSON.parse(opened.body.slice(1));
    await four.kill();
    const asked = Date.now();
    const { status } = await proxy.get(`/socket.io/?EIO=4&transport=polling&sid=${sid}`);
    const took = Date.now() - asked;
    assert.equal(status, 503);
    assert.ok(took < 2_000, `${took} ms; one that connects three times more takes three seconds`);
    await proxy.stop();
  });
});

describe('hubbub cluster proxy-config', () => {
  it('says what is wrong with a node', async () => {
    for (const [node, sentence] of [
      ['10.0.0.1:5005', /is no node: it takes NODE_ID=HOST:PORT/],
      ['0=10.0.0.1:5005', /is no node/],
      ['4096=10.0.0.1:5005', /is no node/],
      ['1=10.0.0.1', /is no node/],
      ['1=a;b:80', /is no node/],
      ['1=10.0.0.1:70000', /is no node/],
    ]) {
      const { code, stdout, stderr } = await proxyConfig('nginx', node);
      assert.deepEqual([code, stdout], [2, ''], node);
      assert.match(stderr, sentence);
    }
    const twice = await proxyConfig('haproxy', '1=a:1', '1=b:1');
    assert.match(twice.stderr, /node 1 is named twice/);
    assert.equal((await proxyConfig('squid', '1=a:1')).code, 2);
  });

  it('configures HAProxy as well', async () => {
    const { code, stdout } = await proxyConfig('haproxy', '--port', '80', '7=[::1]:5005', '64=chat-b:81');
    assert.equal(code, 0);
    assert.match(stdout, /^ {2}bind :80$/m);
    assert.match(stdout, /^ {2}use_backend hubbub_7 if \{ url_param\(sid\) -m beg -- AH \}$/m);
    assert.match(stdout, /^ {2}use_backend hubbub_64 if \{ url_param\(sid\) -m beg -- BA \}$/m);
    assert.match(stdout, /^backend hubbub_64\n {2}mode http\n(?: {2}.*\n)* {2}retries 0\n(?: {2}.*\n)* {2}server node64 chat-b:81$/m);
  });
});
