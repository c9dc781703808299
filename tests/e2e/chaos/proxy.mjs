// A network that breaks: each connection through it has a fate, which the seed decides.
import { once } from 'node:events';
import net from 'node:net';
import { Dice } from './random.mjs';

/// What may happen to a connection, and how often during a storm.
const fates = {
  none: 40,
  cut: 26, // ends at a byte
  swallow: 14, // from a byte on one direction leads nowhere, and nobody is told
  stall: 12, // one direction waits at a byte, then goes on
  delay: 8, // every piece comes late
};

export class ChaosProxy {
  /// Listens on a free port in front of `server`, whose port may stay while it restarts.
  static async start(server, seed) {
    const proxy = new ChaosProxy(server, seed);
    proxy.listener.listen(0, '127.0.0.1');
    await once(proxy.listener, 'listening');
    proxy.url = `http://127.0.0.1:${proxy.listener.address().port}`;
    return proxy;
  }

  constructor(server, seed) {
    this.server = server;
    this.dice = new Dice(seed, 'proxy');
    this.links = new Set();
    this.storming = true;
    this.listener = net.createServer((client) => this.accept(client));
    this.listener.unref();
  }

  accept(client) {
    const link = new Link(client, this.server.port, this.fate());
    this.links.add(link);
    link.onEnd = () => this.links.delete(link);
  }

  fate() {
    const { dice } = this;
    const what = dice.weighed(fates);
    const fate = {
      what,
      way: dice.chance(60) ? 'down' : 'up', // the server's bytes, or the client's
      // Some within the handshake, most among the events, a few far later.
      at: dice.between(...dice.pick([[0, 700], [700, 4_000], [700, 4_000], [700, 16_000]])),
      reset: dice.chance(60), // else an orderly end of the TCP connection
      lasting: dice.chance(35), // one side is not told of the other's end
      time: dice.between(5, what === 'delay' ? 40 : 700),
    };
    return this.storming ? fate : { what: 'none' };
  }

  /// No more faults from now on; a connection that has one ends now.
  calm() {
    this.storming = false;
    for (const link of [...this.links]) if (link.fate.what !== 'none') link.end(true);
  }

  close() {
    this.listener.close();
    for (const link of [...this.links]) link.end(true);
  }
}

class Link {
  constructor(client, port, fate) {
    this.fate = fate;
    this.client = client;
    this.server = net.connect({ port, host: '127.0.0.1' });
    this.onEnd = () => {};
    this.timers = new Set();
    for (const [from, to, way] of [
      [this.client, this.server, 'up'],
      [this.server, this.client, 'down'],
    ]) {
      from.setNoDelay(true);
      const flow = { from, to, way, passed: 0, queue: [], waiting: false };
      from.on('data', (data) => this.take(flow, data));
      from.on('error', () => this.end(true));
      from.on('close', () => this.end(false));
    }
  }

  take(flow, data) {
    const { fate } = this;
    if (fate.what === 'delay') return this.later(flow, data);
    const reaches = fate.way === flow.way && flow.passed + data.length > fate.at;
    if (fate.what === 'none' || !reaches) return this.pass(flow, data);
    const left = Math.max(0, fate.at - flow.passed);
    if (left > 0) this.pass(flow, data.subarray(0, left));
    if (fate.what === 'cut') this.cut();
    if (fate.what === 'stall') this.stall(flow, data.subarray(left));
  }

  pass(flow, data) {
    flow.passed += data.length;
    if (flow.waiting) flow.queue.push(data);
    else if (!flow.to.destroyed) flow.to.write(data);
  }

  later(flow, data) {
    this.after(this.fate.time, () => flow.to.destroyed || flow.to.write(data));
  }

  stall(flow, rest) {
    const { time } = this.fate;
    this.fate = { what: 'none' };
    flow.waiting = true;
    this.pass(flow, rest);
    this.after(time, () => {
      flow.waiting = false;
      for (const data of flow.queue.splice(0)) if (!flow.to.destroyed) flow.to.write(data);
    });
  }

  cut() {
    if (!this.fate.lasting) return this.end(this.fate.reset);
    // The server keeps a connection that it takes for a living one.
    this.fate = { ...this.fate, what: 'swallow', at: 0 };
    this.server.removeAllListeners('data').resume();
    if (this.fate.reset) this.client.resetAndDestroy();
    else this.client.destroy();
  }

  after(time, act) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, time);
    this.timers.add(timer);
  }

  /// Ends both sides, with a reset or in order. If nobody is told, the other side stays until it
  /// gives up itself.
  end(reset) {
    const isSecret = this.fate.what === 'swallow' && this.fate.lasting && !reset;
    if (isSecret && this.client.destroyed !== this.server.destroyed) return;
    for (const timer of this.timers) clearTimeout(timer);
    for (const side of [this.client, this.server]) {
      if (side.destroyed) continue;
      if (reset) side.resetAndDestroy();
      else side.destroySoon();
    }
    this.onEnd();
  }
}
