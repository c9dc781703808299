// Connections below the official client: Engine.IO over `ws` and HTTP, and bare TCP for what no
// library would send.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { WebSocket } from 'ws';
import { request, within } from './support.mjs';

/// Things that arrive one by one and are awaited one by one; after `end` nothing more comes.
class Arrivals {
  items = [];
  waiting = [];
  ended = false;

  push(item) {
    const next = this.waiting.shift();
    if (next) next.resolve(item);
    else this.items.push(item);
  }

  end() {
    this.ended = true;
    for (const { reject } of this.waiting.splice(0)) reject(new Error('the connection ended'));
  }

  next() {
    if (this.items.length > 0) return Promise.resolve(this.items.shift());
    if (this.ended) return Promise.reject(new Error('the connection ended'));
    const arrival = new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
    return within(arrival, 'something to arrive');
  }
}

/// An Engine.IO session over WebSocket. `next()` returns the next message (text as string, binary
/// as Buffer); pings are left out, and answered unless `silent`. `closed` resolves to the close
/// code.
export class EngineWebSocket {
  static async open(server, options = {}) {
    const session = new EngineWebSocket(server, options);
    await within(once(session.ws, 'open'), 'WebSocket open');
    session.ws._socket.unref();
    if (!options.sid) session.handshake = JSON.parse((await session.next()).slice(1));
    return session;
  }

  constructor(
    server,
    { path = '/socket.io/', sid, silent = false, query = 'EIO=4&transport=websocket' },
  ) {
    const url = `${server.url.replace('http', 'ws')}${path}?${query}${sid ? `&sid=${sid}` : ''}`;
    this.ws = new WebSocket(url, { perMessageDeflate: false });
    this.pings = new Arrivals();
    this.arrivals = new Arrivals();
    this.ws.on('message', (data, isBinary) => {
      const message = isBinary ? data : data.toString();
      if (message === '2') {
        this.pings.push(message);
        if (!silent) this.ws.send('3');
      } else {
        this.arrivals.push(message);
      }
    });
    this.ws.on('error', () => {});
    const closed = new Promise((resolve) => this.ws.once('close', resolve));
    closed.then(() => [this.arrivals, this.pings].forEach((each) => each.end()));
    this.closing = closed;
  }

  get closed() {
    return within(this.closing, 'WebSocket close');
  }

  send(data) {
    this.ws.send(data);
  }

  next() {
    return this.arrivals.next();
  }

  nextPing() {
    return this.pings.next();
  }

  /// Returns the next message that satisfies `predicate`; the others are dropped.
  async find(predicate) {
    for (;;) {
      const message = await this.next();
      if (predicate(message)) return message;
    }
  }
}

/// Returns a Socket.IO connection to `/` over a raw WebSocket.
export async function connectRaw(server, { auth, ...options } = {}) {
  const session = await EngineWebSocket.open(server, options);
  session.send(`40${auth === undefined ? '' : JSON.stringify(auth)}`);
  const answer = await session.next();
  assert.match(answer, /^40\{"sid":/);
  return session;
}

/// An Engine.IO session over long-polling, one request at a time, made by hand.
export class EnginePolling {
  static async open(server, { path = '/socket.io/', from } = {}) {
    const session = new EnginePolling(server, `${path}?EIO=4&transport=polling`, from);
    const { status, text } = await session.get();
    assert.equal(status, 200, text);
    session.handshake = JSON.parse(text.slice(1));
    session.sid = session.handshake.sid;
    session.target += `&sid=${session.sid}`;
    return session;
  }

  /// Returns a session that is connected to the chat.
  static async connect(server, auth = {}, options = {}) {
    const session = await EnginePolling.open(server, options);
    await session.send(`40${JSON.stringify(auth)}`);
    const [[answer]] = await session.pollUntil(1);
    assert.match(answer, /^40\{"sid":/);
    return session;
  }

  constructor(server, target, from) {
    this.server = server;
    this.target = target;
    this.from = from;
  }

  get() {
    return request(this.server, 'GET', this.target, undefined, {}, this.from);
  }

  post(body) {
    const headers = { 'content-type': 'text/plain' };
    return request(this.server, 'POST', this.target, body, headers, this.from);
  }

  /// POSTs packets that must be accepted.
  async send(...packets) {
    const { status, text } = await this.post(packets.join('\x1e'));
    assert.deepEqual([status, text], [200, 'ok']);
  }

  /// Returns the packets of the next response; pings are left out and answered.
  async poll() {
    const { status, text } = await this.get();
    assert.equal(status, 200, text);
    const packets = text.split('\x1e');
    if (packets.includes('2')) await this.send('3');
    return packets.filter((packet) => packet !== '2');
  }

  /// Returns the responses, each a list of packets, once `count` packets have come.
  async pollUntil(count) {
    const responses = [];
    while (responses.flat().length < count) responses.push(await this.poll());
    return responses;
  }
}

/// A bare TCP connection. `text` is what arrived; `closed` resolves when the server has ended it.
export class Tcp {
  /// `from` is the address of this machine to connect from, for example 127.0.0.2.
  static async open(server, { from } = {}) {
    const at = from ? { host: '127.0.0.1', localAddress: from } : { host: 'localhost' };
    const socket = net.connect({ port: server.port, ...at });
    await within(once(socket, 'connect'), 'TCP connect');
    socket.unref();
    return new Tcp(socket);
  }

  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.looks = new Set();
    socket.on('data', (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      for (const look of [...this.looks]) look();
    });
    // Writing to a connection that the server has ended is what some tests do.
    socket.on('error', () => {});
    this.ending = new Promise((resolve) => {
      socket.once('end', resolve);
      socket.once('close', resolve);
    });
  }

  get text() {
    return this.bytes.toString();
  }

  get closed() {
    return within(this.ending, () => `the end of the connection; came: ${this.seen}`);
  }

  get seen() {
    return this.text.slice(0, 500);
  }

  write(data) {
    this.socket.write(data);
  }

  /// Returns the text so far once it satisfies `predicate`.
  until(predicate) {
    const there = this.arrived(() => predicate(this.text));
    return within(there, () => `bytes; came: ${this.seen}`).then(() => this.text);
  }

  /// Returns the text so far once it satisfies `predicate` or the connection has ended.
  untilOrClosed(predicate) {
    const there = Promise.race([this.arrived(() => predicate(this.text)), this.ending]);
    return within(there, () => `bytes or the end; came: ${this.seen}`).then(() => this.text);
  }

  /// Resolves once `holds` is true, which is tried whenever something arrives.
  arrived(holds) {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.looks.delete(look);
        resolve();
      };
      this.looks.add(look);
      look();
    });
  }

  destroy() {
    this.socket.destroy();
  }

  /// Cuts it off, whatever its state; resolves when it is gone.
  cutOff() {
    if (this.socket.closed) return undefined;
    const gone = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.destroy();
    return within(gone, 'the end of a connection that was cut off');
  }
}

/// Returns what the server sends for `bytes` on a fresh TCP connection, up to the end of the
/// connection or until `enough` holds.
export async function exchange(server, bytes, enough = () => false) {
  const tcp = await Tcp.open(server);
  tcp.write(bytes);
  return tcp.untilOrClosed(enough).finally(() => tcp.destroy());
}

/// Makes one WebSocket frame, valid or not: `length` overrides the declared length.
export function frame(payload, { fin = true, rsv = 0, opcode = 1, masked = true, length } = {}) {
  const data = Buffer.from(payload);
  const declared = length ?? data.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const mask = masked ? 0x80 : 0;
  const size = Buffer.alloc(declared < 126 ? 0 : declared < 65_536 ? 2 : 8);
  if (size.length === 0) head.push(mask | declared);
  else if (size.length === 2) head.push(mask | 126) && size.writeUInt16BE(declared);
  else head.push(mask | 127) && size.writeBigUInt64BE(BigInt(declared));
  if (!masked) return Buffer.concat([Buffer.from(head), size, data]);
  const key = randomBytes(4);
  return Buffer.concat([Buffer.from(head), size, key, data.map((byte, i) => byte ^ key[i % 4])]);
}

/// Returns the request for a WebSocket.
export function upgradeRequest(target) {
  const key = randomBytes(16).toString('base64');
  return (
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
  );
}

/// Returns a TCP connection upgraded to WebSocket by hand, after its Engine.IO handshake. Frames
/// are written with `write(frame(…))`.
export async function openFrames(server, path = '/socket.io/', { from } = {}) {
  const tcp = await Tcp.open(server, { from });
  tcp.write(upgradeRequest(`${path}?EIO=4&transport=websocket`));
  await tcp.until(
    (text) => text.includes('\r\n\r\n') && text.includes('"sid"') && text.endsWith('}'),
  );
  assert.match(tcp.text, /^HTTP\/1\.1 101 /);
  tcp.bytes = Buffer.alloc(0);
  return tcp;
}

/// Returns the payloads of all complete text frames that a server sent.
export function textFrames(bytes) {
  const payloads = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const opcode = bytes[at] & 0x0f;
    let size = bytes[at + 1] & 0x7f;
    let body = at + 2;
    if (size === 126) [size, body] = [bytes.readUInt16BE(body), body + 2];
    else if (size === 127) [size, body] = [Number(bytes.readBigUInt64BE(body)), body + 8];
    if (body + size > bytes.length) break;
    if (opcode === 1) payloads.push(bytes.toString('utf8', body, body + size));
    at = body + size;
  }
  return payloads;
}

/// Returns the code of the close frame that ends the connection; undefined if it ends without one.
export async function closeCode(tcp) {
  await tcp.untilOrClosed(() => closeFrame(tcp.bytes) !== undefined);
  return closeFrame(tcp.bytes);
}

function closeFrame(bytes) {
  for (let at = 0; at + 2 <= bytes.length;) {
    const opcode = bytes[at] & 0x0f;
    let size = bytes[at + 1] & 0x7f;
    let body = at + 2;
    if (size === 126) [size, body] = [bytes.readUInt16BE(body), body + 2];
    else if (size === 127) [size, body] = [Number(bytes.readBigUInt64BE(body)), body + 8];
    if (opcode === 8) return size >= 2 ? bytes.readUInt16BE(body) : 1005;
    at = body + size;
  }
  return undefined;
}
