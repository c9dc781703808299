// How a connection ends decides whether its client reconnects: each way of ending, with each
// official client. The table of docs/api.md, "How a connection ends", is this test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, freshName, within } from './support.mjs';
import { closeClients, connect, join, nextEvent, sendMany } from './clients.mjs';
import { inSeconds, secret, token } from './tokens.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = ['/usr/bin/python3', '-B', here('returning_client.py')];
const clients = {
  'socket.io-client': [process.execPath, here('returning_client.mjs')],
  'python-socketio': [...python, 'sync'],
  'python-socketio, async': [...python, 'async'],
};

/// A client in a process of its own, which can be stopped like a machine that sleeps.
class Client {
  static async start(program, transport, server, room, auth) {
    const client = new Client(program, transport, server, room, auth);
    await client.heard('joined');
    return client;
  }

  constructor([command, ...args], transport, server, room, auth = { username: freshName('user') }) {
    const stdio = ['pipe', 'pipe', 'ignore'];
    const told = [transport, server.url, room, JSON.stringify(auth)];
    this.child = spawn(command, [...args, ...told], { stdio });
    this.lines = [];
    this.looks = new Set();
    readline.createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.lines.push(line);
      for (const look of [...this.looks]) look();
    });
    process.once('exit', () => this.child.kill('SIGKILL'));
  }

  /// Resolves when one of these words has come; earlier words are forgotten.
  heard(...words) {
    let look;
    const there = new Promise((resolve) => {
      look = () => {
        const at = this.lines.findIndex((line) => words.includes(line));
        if (at >= 0) resolve(this.lines.splice(0, at + 1).at(-1));
      };
      this.looks.add(look);
      look();
    });
    const what = () => `${words} of a client; told: ${this.lines}`;
    return within(there, what).finally(() => this.looks.delete(look));
  }

  /// Makes it break the protocol: `oversized` or `misplaced`.
  misbehave(how) {
    this.child.stdin.write(`${how}\n`);
  }

  /// Returns `returning` or `away`.
  standing() {
    this.child.stdin.write('?\n');
    return this.heard('returning', 'away');
  }

  end() {
    this.child.kill('SIGKILL');
  }
}

const everyClient = Object.entries(clients).flatMap(([name, program]) =>
  ['polling', 'websocket'].map((transport) => ({ name: `${name}, ${transport}`, program, transport })),
);

describe('A client comes back', () => {
  it('after a shutdown', async () => {
    const server = await Server.start();
    const room = freshName();
    const started = everyClient.map(({ program, transport }) =>
      Client.start(program, transport, server, room),
    );
    const all = await Promise.all(started);
    await server.stop();
    for (const [i, client] of all.entries()) {
      await client.heard('disconnect');
      assert.equal(await client.standing(), 'returning', everyClient[i].name);
    }
    await server.restart();
    await Promise.all(all.map((client) => client.heard('joined')));
    for (const client of all) client.end();
    await server.stop();
  });

  for (const { name, program, transport } of everyClient) {
    it(`after it was a slow reader: ${name}`, async () => {
      // A stopped process reads nothing, and finds what came before the end when it continues.
      const args = ['--max-queue-bytes', '100000', '--max-volatile-bytes', '50000'];
      const server = await Server.start({ args });
      const room = freshName();
      const client = await Client.start(program, transport, server, room);
      const bob = await connect(server, { username: 'bob' });
      await join(bob, room);
      client.child.kill('SIGSTOP');
      while ((await server.metric('hubbub_slow_readers_total')) === 0) {
        await sendMany(bob, room, 50, { text: () => 'x'.repeat(4000) });
      }
      client.child.kill('SIGCONT');
      await client.heard('joined');
      client.end();
      closeClients();
      await server.stop();
    });

    it(`after it was silent for too long: ${name}`, async () => {
      const args = ['--ping-interval', '300ms', '--ping-timeout', '3s'];
      const server = await Server.start({ args });
      const room = freshName();
      const client = await Client.start(program, transport, server, room);
      const bob = await connect(server, { username: 'bob' });
      await join(bob, room);
      client.child.kill('SIGSTOP');
      const left = await nextEvent(bob, 'user_left');
      assert.equal(left.reason, 'timeout');
      client.child.kill('SIGCONT');
      await client.heard('joined');
      client.end();
      closeClients();
      await server.stop();
    });
  }
});

describe('A client stays away', () => {
  it('once its namespace was disconnected, as at the end of a token', async () => {
    const env = { HUBBUB_JWT_SECRET: secret };
    const server = await Server.start({ env, args: ['--jwt-leeway', '0'] });
    const all = [];
    // One after the other, so that each has the machine for itself until it has joined.
    for (const { program, transport } of everyClient) {
      const auth = { token: token({ sub: 'ann', exp: inSeconds(15) }) };
      all.push(await Client.start(program, transport, server, freshName(), auth));
    }
    for (const [i, client] of all.entries()) {
      await client.heard('disconnect');
      assert.equal(await client.standing(), 'away', everyClient[i].name);
      client.end();
    }
    await server.stop();
  });

  for (const how of ['oversized', 'misplaced'])
    it(`after a packet that is ${how}, unless it is JavaScript's`, async () => {
      const server = await Server.start();
      const all = everyClient.filter(({ transport }) => transport === 'websocket');
      const started = all.map(({ program, transport }) =>
        Client.start(program, transport, server, freshName()),
      );
      const found = {};
      for (const [i, client] of (await Promise.all(started)).entries()) {
        client.misbehave(how);
        await client.heard('disconnect');
        found[all[i].name] = await client.standing();
        client.end();
      }
      await server.stop();
      assert.deepEqual(found, {
        'socket.io-client, websocket': 'returning',
        'python-socketio, websocket': 'away',
        'python-socketio, async, websocket': 'away',
      });
    });
});
