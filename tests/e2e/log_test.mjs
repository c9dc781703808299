// The log: what its lines look like, that clients cannot forge them, and that nobody waits for it.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { closeClients, connect } from './clients.mjs';
import { Tcp } from './raw.mjs';
import { Server, temporaryFolder } from './support.mjs';

afterEach(closeClients);

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/// The lines of the log as objects, of one event.
const linesOf = (server, event) =>
  server.log
    .split('\n')
    .slice(0, -1) // the last one may not have come to its end
    .map((line) => JSON.parse(line))
    .filter((line) => line.event === event);

describe('A log in JSON', () => {
  let server;
  before(async () => {
    const args = ['--log-format', 'json', '--log-level', 'debug', '--access-log', '1'];
    server = await Server.start({ args });
  });
  after(async () => {
    await server.stop();
    await server.logged(/"event":"stopped"/g);
    const events = server.log.trim().split('\n').map((line) => JSON.parse(line).event);
    assert.deepEqual(events.slice(-1), ['stopped']);
    assert.ok(events.includes('not_ready'));
  });

  it('has an object a line, with its time, level, event and message', async () => {
    await server.logged(/"event":"setting"/g);
    const [started] = linesOf(server, 'started');
    assert.match(started.time, time);
    assert.deepEqual(
      { ...started, time: '' },
      {
        time: '',
        level: 'info',
        event: 'started',
        message: `hubbub ${started.version} listens on ${server.url}`,
        version: started.version,
        url: server.url,
      },
    );
  });

  it('has a line for each request where that is asked for', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const answer = await fetch(`${server.url}/api/rooms?limit=1&access_token=hush`, {
      headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` },
    });
    await server.logged(/"path":"\/api\/rooms"/g);
    const [line] = linesOf(server, 'access').filter(({ path }) => path === '/api/rooms');
    assert.deepEqual(
      [line.method, line.status, line.bytes, line.trace_id],
      ['GET', 200, (await answer.text()).length, trace],
    );
    assert.ok(line.ms >= 0 && line.client);
    await connect(server, { username: 'ann' });
    await server.logged(/"path":"\/socket.io\/","status":(200|101)/g);
    assert.doesNotMatch(server.log, /hush|sid=/);
  });

  it('has the id of the trace in a line about a request that was refused', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    assert.equal((await fetch(`${server.url}/api/rooms/4711`, { headers })).status, 404);
    await server.logged(/"event":"http_refused".*"path":"\/api\/rooms\/4711"/g);
    const line = linesOf(server, 'http_refused').find(({ path }) => path === '/api/rooms/4711');
    assert.deepEqual([line.status, line.trace_id], [404, trace]);
  });

  it('cannot be forged by clients', async () => {
    const forged = '/x%0a{"event":"disk_full"}%1b[2J%e2%80%ae%22,"event":"disk_full"';
    assert.equal((await fetch(`${server.url}${forged.replaceAll('"', '%22')}`)).status, 404);
    await server.logged(/"event":"http_refused".*u202e/g);
    assert.deepEqual(linesOf(server, 'disk_full'), []);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(server.log.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202e]/);
    const refused = linesOf(server, 'http_refused').at(-1);
    assert.equal(refused.path, '/x\n{"event":"disk_full"}\u001b[2J\u202e","event":"disk_full"');
  });
});

it('A log for people has the same in text', async () => {
  const server = await Server.start({ args: ['--access-log', '1'] });
  await fetch(`${server.url}/a%0ab%22`);
  await server.logged(/ info access: answered method="GET" path="\/a\\u000ab\\"" status=404 bytes=\d+ /g);
  const [first] = server.log.split('\n');
  const [stamp, level, event] = first.split(' ');
  assert.match(stamp, time);
  assert.deepEqual([level, event], ['info', 'started:']);
  await server.stop();
});

describe('Settings that hold a secret', () => {
  it('are warned of if everybody may read them', async () => {
    const file = join(temporaryFolder(), 'hubbub.conf');
    const linesAt = async (mode, text) => {
      writeFileSync(file, text);
      chmodSync(file, mode);
      const server = await Server.start({ args: ['--config', file, '--log-format', 'json'] });
      await server.stop();
      await server.logged(/"event":"stopped"/g);
      return linesOf(server, 'secret_exposed').map((line) => [line.level, line.setting, line.file]);
    };
    const secret = `jwt_secret = "${'0123456789'.repeat(4)}"\n`;
    assert.deepEqual(await linesAt(0o644, secret), [['warning', 'jwt_secret', file]]);
    assert.deepEqual(await linesAt(0o640, secret), []);
    assert.deepEqual(await linesAt(0o644, 'max_content = 4000\n'), []);
  });
});

describe('A log that nobody reads', () => {
  it('stops nobody, and says what it left out when it is read again', async () => {
    const server = await Server.start({ args: ['--log-level', 'debug', '--access-log', '1'] });
    const { stderr } = server.child;
    stderr.pause(); // Node takes some of it, and then the pipe is full
    const tcp = await Tcp.open(server);
    const path = `/${'x'.repeat(900)}`;
    const last = 4_000; // two lines of a kilobyte each: far more than pipe and queue hold
    for (let i = 1; i <= last; ++i) {
      const close = i === last ? 'Connection: close\r\n' : '';
      tcp.write(`GET ${path}${i} HTTP/1.1\r\nHost: x\r\n${close}\r\n`);
    }
    await tcp.closed;
    assert.equal(tcp.text.split('HTTP/1.1 404').length - 1, last);
    stderr.resume();
    assert.equal((await server.get('/healthz')).status, 200);
    await server.logged(/ warning lines_lost: .* lines=\d+\n/g);
    await server.stop();
    await server.logged(/ info stopped: stopped\n$/g);
    for (const line of server.log.trim().split('\n'))
      assert.match(line, /^\d{4}-\S+Z (debug|info|warning) \w+: /);
  });
});
