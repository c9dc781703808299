// A server is replaced by a new process: `hubbub upgrade` and SIGUSR2.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join as joinPath } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { Server, assertSound, binary, environment, run, temporaryFolder } from './support.mjs';
import { until, within } from './support.mjs';
import { closeClients, connected, emitAck, join, nextEvent, openSocket, send } from './clients.mjs';

/// Processes that a server of a test may have left behind.
const processes = new Set();
const killLeft = () => {
  for (const pid of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  processes.clear();
};
process.once('exit', killLeft);
afterEach(() => {
  closeClients();
  killLeft();
});

/// A server whose program can be exchanged, as an installation does.
class Upgradable extends Server {
  static async start(options = {}) {
    const folder = temporaryFolder();
    const server = new Upgradable({
      path: joinPath(folder, 'hubbub'),
      database: joinPath(folder, 'hubbub.db'),
      ...options,
    });
    server.folder = folder;
    server.install();
    await server.launch();
    return server;
  }

  /// Puts the real program in place, or a script that takes its place.
  install(script) {
    rmSync(this.path, { force: true });
    if (!script) return symlinkSync(binary('hubbub'), this.path);
    writeFileSync(this.path, `#!/bin/sh\n${script}\n`);
    return chmodSync(this.path, 0o755);
  }

  /// Runs `hubbub upgrade`.
  upgrade(...options) {
    const args = ['upgrade', '--db', this.database, ...options];
    return run(binary('hubbub'), args, { env: environment() });
  }

  /// Has it replaced, and returns the number of the new process.
  async upgraded(...options) {
    const { code, stdout, stderr } = await this.upgrade(...options);
    const line = /^process (\d+) serves now\n$/.exec(stdout);
    assert.ok(line, `${code} ${stdout}${stderr}${this.log}`);
    assert.equal(code, 0);
    processes.add(Number(line[1]));
    return Number(line[1]);
  }

  /// Has it not replaced, and returns why.
  async notUpgraded(...options) {
    const { code, stdout, stderr } = await this.upgrade(...options);
    assert.deepEqual([code, stdout], [1, ''], stderr);
    return stderr;
  }

  /// Stops the process that serves now, and waits for the end of all.
  async end(pid) {
    const closed = once(this.child.stderr, 'close');
    closeClients(); // so that nobody is left to be closed slowly
    process.kill(pid, 'SIGTERM');
    await within(closed, () => `the end of all processes: ${this.log}`);
    await assertSound(this);
  }
}

/// Returns a recoverable client that is quick to return and sends again what is not acked.
const member = async (server, username, options = {}) => {
  const socket = openSocket(server, {
    auth: { username, recover: true },
    reconnection: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 200,
    ...options,
  });
  await connected(socket);
  return socket;
};

/// Settles when the client is back with its session.
const recovered = async (socket) => {
  if (!socket.connected) await within(new Promise((done) => socket.once('connect', done)), 'return');
  assert.equal(socket.recovered, true);
};

/// Runs SQL on the database beside the server, and returns the version of the schema.
async function execute(server, sql = '') {
  const script = `import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.executescript(sys.argv[2])
print(database.execute("PRAGMA user_version").fetchone()[0])`;
  const { stdout, stderr } = await run('/usr/bin/python3', ['-c', script, server.database, sql]);
  assert.match(stdout, /^\d+\n$/, stderr);
  return Number(stdout);
}

describe('an upgrade under load', () => {
  it('loses nothing, doubles nothing, refuses nobody, and every session is recovered, twice', async () => {
    const server = await Upgradable.start({ args: ['--drain-time', '300ms'] });
    const people = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        member(server, `user${i}`, {
          retries: 50,
          ackTimeout: 10_000,
          transports: i % 6 === 0 ? ['polling'] : ['websocket'],
        }),
      ),
    );
    const roomOf = (i) => `room${i % 4}`;
    const ids = await Promise.all(
      people.map(async (socket, i) => (await join(socket, roomOf(i), { history: 0 })).room.id),
    );
    let recoveries = 0;
    const heard = people.map((socket, i) => {
      const seqs = [];
      socket.on('new_message', ({ seq, user_id: from }) => from !== `user${i}` && seqs.push(seq));
      socket.on('gap', (gap) => assert.fail(`a gap: ${JSON.stringify(gap)}`));
      socket.on('connect', () => {
        assert.equal(socket.recovered, true, `user${i}`);
        ++recoveries;
      });
      return seqs;
    });
    let enough = false;
    const acked = people.map(() => []);
    const speaking = people.map(async (socket, i) => {
      for (let n = 0; !enough; ++n) {
        const content = `${i}-${n}`;
        const ack = await new Promise((resolve, reject) => {
          socket.emit('send_message', { room: roomOf(i), content, client_id: content }, (e, ok) =>
            e ? reject(e) : resolve(ok),
          );
        });
        assert.equal(ack.ok, true, JSON.stringify(ack));
        acked[i].push(content);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    // Each request is a connection of its own.
    const knocking = (async () => {
      let answers = 0;
      for (; !enough; ++answers) {
        const { status } = await server.get('/readyz');
        assert.equal(status, 200);
      }
      return answers;
    })();

    const all = people.length;
    // A client may be back before the next one is closed: that all are connected does not show that each was away.
    const back = (times) => {
      const there = () => recoveries >= times * all && people.every((each) => each.connected);
      return until(there, Boolean, () => `all back; there were ${recoveries} recoveries`);
    };
    const first = await server.upgraded();
    await back(1);
    const second = await server.upgraded();
    assert.notEqual(first, second);
    await back(2);
    enough = true;
    await within(Promise.all(speaking), 'the last acks');
    assert.ok((await knocking) > 10);

    for (const id of new Set(ids)) {
      const messages = await server.history(id);
      const contents = messages.map(({ content }) => content);
      assert.equal(new Set(contents).size, contents.length, 'nothing is there twice');
      for (const [i, socket] of people.entries()) {
        if (ids[i] !== id) continue;
        const stored = new Set(contents);
        for (const content of acked[i]) assert.ok(stored.has(content), `${content} was acked`);
        const others = messages.filter((m) => m.user_id !== `user${i}`).map(({ seq }) => seq);
        const last = others.at(-1);
        while (heard[i].at(-1) !== last) await within(once(socket, 'new_message'), `${last} at user${i}`);
        assert.deepEqual(heard[i], others, `what user${i} heard`);
      }
    }
    assert.equal((server.log.match(/ took_over: /g) ?? []).length, 2, server.log);
    assert.doesNotMatch(server.log, / unclean_end: /);
    for (const ended of [server.child.pid, first]) await within(gone(ended), `the end of ${ended}`);
    await server.end(second);
  });
});

/// Settles when a process has ended, which may be nobody's child here.
async function gone(pid) {
  while (existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('an upgrade that cannot be', () => {
  it('leaves the old process as it is, and says why', async () => {
    const folder = temporaryFolder();
    const settings = joinPath(folder, 'hubbub.conf');
    writeFileSync(settings, 'max_rooms = 10\n');
    const server = await Upgradable.start({ args: ['--config', settings] });
    const socket = await member(server, 'ann');
    await join(socket, 'tea');

    writeFileSync(settings, 'max_rooms = "many"\n');
    assert.match(await server.notUpgraded(), /^hubbub: the server was not replaced: .*max_rooms.*many/);
    writeFileSync(settings, 'tls_cert = "/none"\ntls_key = "/none"\n');
    assert.match(await server.notUpgraded(), /not replaced: .*\/none/);
    writeFileSync(settings, 'max_rooms = 10\n');

    server.install('exit 3');
    assert.match(await server.notUpgraded(), /the new process ended with status 3 before it was able/);
    server.install('kill -9 $$');
    assert.match(await server.notUpgraded(), /the new process was ended by signal 9 before/);
    rmSync(server.path);
    assert.match(await server.notUpgraded(), /the program .*hubbub is not there any more/);
    server.install(`exec ${binary('hubbub')} "$@" --db ${joinPath(folder, 'other.db')}`);
    assert.match(await server.notUpgraded(), /name another database than the one that is served/);
    server.install();

    const version = await execute(server);
    await execute(server, `PRAGMA user_version = ${version + 1}`);
    assert.match(await server.notUpgraded(), /was written by a newer version of Hubbub/);
    await execute(server, `PRAGMA user_version = ${version - 1}`);
    assert.match(
      await server.notUpgraded(),
      new RegExp(`would be migrated from schema version ${version - 1} to ${version}, and there is no way back`),
    );
    await execute(server, `PRAGMA user_version = ${version}`);

    assert.equal(socket.connected, true);
    await send(socket, 'tea', 'still here');
    assert.equal((server.log.match(/ warning upgrade_refused: /g) ?? []).length, 8, server.log);
    assert.equal(server.child.exitCode, null);
    await server.end(server.child.pid);
    assert.match(await server.notUpgraded(), /^hubbub: no server answers at .*hubbub\.db\.control \(/);
  });

  it('is one while another is under way', async () => {
    const server = await Upgradable.start();
    const sign = joinPath(server.folder, 'sign');
    server.install(`while [ ! -e ${sign} ]; do sleep 0.02; done; exec ${binary('hubbub')} "$@"`);
    const first = server.upgraded();
    await server.logged(/ upgrading: /g);
    assert.match(await server.notUpgraded(), /an upgrade is under way/);
    server.child.kill('SIGUSR2');
    await server.logged(/ upgrade_refused: .*under way/g, { count: 2 });
    writeFileSync(sign, '');
    await server.end(await first);
  });

  it('is one of a database in memory', async () => {
    const server = await Upgradable.start({ database: ':memory:' });
    server.child.kill('SIGUSR2');
    await server.logged(/ upgrade_refused: .*the database is in memory/g);
    assert.equal((await server.get('/readyz')).status, 200);
    const { code, stderr } = await server.upgrade();
    assert.equal(code, 2);
    assert.match(stderr, /^hubbub: a server whose database is in memory cannot be replaced/);
    await server.stop();
  });

  it('is noticed late: the old process serves again, and sessions are recovered', async () => {
    const server = await Upgradable.start();
    const socket = await member(server, 'ann');
    await join(socket, 'tea');
    // It can read everything, and write nothing.
    server.install(`ulimit -f 0; exec ${binary('hubbub')} "$@"`);
    const back = once(socket, 'connect');
    assert.match(await server.notUpgraded(), /after it was given the database; .* the old one serves again/);
    await within(back, 'return');
    await recovered(socket);
    await send(socket, 'tea', 'still here');
    await server.logged(/ error upgrade_failed: /g);
    server.install();
    const again = once(socket, 'connect');
    const pid = await server.upgraded();
    await within(again, 'return');
    await recovered(socket);
    await send(socket, 'tea', 'and now there');
    await server.end(pid);
  });
});

describe('an upgrade', () => {
  it('migrates the database if that is wanted', async () => {
    const server = await Upgradable.start();
    const version = await execute(server);
    const undone = ['rooms DROP is_closed', 'rooms DROP closings', 'recoverable_rooms DROP closings']
      .map((change) => `ALTER TABLE ${change};`)
      .join('');
    assert.equal(await execute(server, `${undone} PRAGMA user_version = 10`), 10);
    assert.match(await server.notUpgraded(), /would be migrated from schema version 10/);
    const pid = await server.upgraded('--migrate');
    assert.equal(await execute(server), version);
    await server.end(pid);
  });

  it('by SIGUSR2 keeps a socket in the file system, which goes with the last process', async () => {
    const folder = temporaryFolder();
    const path = joinPath(folder, 's');
    const server = await Upgradable.start({ args: ['--listen', `127.0.0.1:0,unix:${path}`] });
    const answers = () =>
      within(
        new Promise((resolve, reject) => {
          const sent = http.get({ socketPath: path, path: '/readyz', agent: false }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          });
          sent.on('error', reject);
        }),
        'an answer',
      );
    assert.equal(await answers(), 200);
    server.child.kill('SIGUSR2');
    await server.logged(/ upgraded: .*pid=(\d+)/g);
    const pid = Number(/ upgraded: .*pid=(\d+)/.exec(server.log)[1]);
    processes.add(pid);
    await within(server.exited, 'the end of the old process');
    assert.equal(server.child.exitCode, 0);
    assert.ok(existsSync(path));
    assert.equal(await answers(), 200);
    const next = await server.upgraded();
    await within(gone(pid), 'the end of the second process');
    assert.equal(await answers(), 200);
    await server.end(next);
    assert.equal(existsSync(path), false);
    assert.equal(existsSync(`${server.database}.control`), false);
  });

  it('is over with the process that took over, if that is stopped while the old one still closes', async () => {
    const server = await Upgradable.start({ args: ['--drain-time', '30s'] });
    await member(server, 'ann');
    const pid = await server.upgraded();
    await server.end(pid);
    assert.doesNotMatch(server.log, / upgrade_failed: /);
    const { stdout } = await run(binary('hubbub'), ['trace', '--db', server.database, '--json'], {
      env: environment(),
    });
    const steps = stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(
      steps.filter(({ kind }) => kind === 'started' || kind === 'stopped').map(({ kind, code }) => [kind, code]),
      [
        ['started', undefined],
        ['stopped', 'took_over'],
        ['started', 'took_over'],
        ['stopped', undefined],
      ],
    );
  });

  it('of a process that has taken over itself lets the first one go on closing its sessions', async () => {
    const server = await Upgradable.start({ args: ['--drain-time', '30s'] });
    const quiet = await member(server, 'ann');
    await join(quiet, 'tea');
    const back = within(new Promise((done) => quiet.once('connect', done)), 'return');
    const second = await server.upgraded();
    const third = await server.upgraded();
    await within(gone(second), 'the end of the second process');
    // The first one is still there, and has to be asked.
    const asking = setInterval(() => server.child.kill('SIGTERM'), 100);
    await server.logged(/ closing_at_once: /g);
    clearInterval(asking);
    await back;
    assert.equal(quiet.recovered, true);
    await within(server.exited, 'the end of the first process');
    await server.end(third);
    assert.doesNotMatch(server.log, / upgrade_failed: /);
  });

  it('closes a session that sends something to the old process, and answers it in the new one', async () => {
    const server = await Upgradable.start({ args: ['--drain-time', '30s'] });
    const socket = await member(server, 'ann', { retries: 5, ackTimeout: 20_000 });
    const quiet = await member(server, 'bob');
    await join(socket, 'tea');
    await join(quiet, 'tea');
    const pid = await server.upgraded();
    const message = { room: 'tea', content: 'hello', client_id: 'one' };
    const ack = await within(
      new Promise((resolve) => socket.emit('send_message', message, (_, answer) => resolve(answer))),
      'the ack',
    );
    assert.equal(ack.ok, true);
    assert.equal(ack.message.seq, 1);
    // Half a minute would be long to wait.
    const asking = setInterval(() => server.child.kill('SIGTERM'), 100);
    await server.logged(/ closing_at_once: /g);
    clearInterval(asking);
    await nextEvent(quiet, 'new_message', ([{ content }]) => content === 'hello');
    await recovered(quiet);
    const again = await emitAck(quiet, 'send_message', { room: 'tea', content: 'hi' });
    assert.equal(again.message.seq, 2);
    await within(server.exited, 'the end of the old process');
    await server.end(pid);
  });
});
