// The clients of the chaos test: the official JavaScript client, and python3-socketio in a process
// of its own. Both tell `on` what they receive, in order: `connect({recovered, pid})`,
// `disconnect()`, `event(name, args)`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { environment } from '../support.mjs';

const pythonProgram = fileURLToPath(new URL('python_client.py', import.meta.url));

export class StockClient {
  constructor(url, { auth, transports, retries }, on) {
    this.socket = io(url, {
      forceNew: true,
      auth,
      transports,
      reconnectionDelay: 20,
      reconnectionDelayMax: 150,
      timeout: 1_500,
      ...(retries ? { retries: 1_000, ackTimeout: 10_000 } : {}),
    });
    this.retries = retries;
    this.socket.on('connect', () => {
      on.connect({ recovered: Boolean(this.socket.recovered), pid: this.socket._pid });
    });
    this.socket.on('disconnect', () => on.disconnect());
    this.socket.onAny((name, ...args) => on.event(name, args));
  }

  get connected() {
    return this.socket.connected;
  }

  /// Emits an event; without `onAck` it asks for no ack.
  emit(event, payload, onAck) {
    if (!onAck) this.socket.emit(event, payload);
    // The queue of `retries` puts an error in front, which never comes before the last attempt.
    else if (this.retries) this.socket.emit(event, payload, (_, answer) => answer && onAck(answer));
    else this.socket.emit(event, payload, onAck);
  }

  /// Takes the connection away from under the client, without telling the server.
  drop() {
    const { engine } = this.socket.io;
    if (engine?.transport?.ws) engine.transport.ws.terminate();
    else engine?.transport?.onError('dropped by the test');
  }

  /// Disconnects as a client does, after which it connects anew.
  goodbye() {
    this.socket.disconnect();
    this.socket.connect();
  }

  end() {
    this.socket.disconnect();
  }
}

export class PythonClient {
  constructor(url, { auth, transports }, on) {
    const args = ['-B', pythonProgram, url, JSON.stringify({ auth, transports })];
    const stdio = ['pipe', 'pipe', 'inherit'];
    this.child = spawn('/usr/bin/python3', args, { stdio, env: environment() });
    this.child.stdin.on('error', () => {});
    this.closed = once(this.child, 'close');
    this.kill = () => this.child.kill('SIGKILL');
    process.once('exit', this.kill);
    this.connected = false;
    this.acks = new Map();
    const lines = createInterface({ input: this.child.stdout });
    lines.on('line', (line) => this.hear(JSON.parse(line), on));
  }

  hear({ what, id, name, args, answer }, on) {
    if (what === 'event') return on.event(name, args);
    if (what === 'ack') {
      const onAck = this.acks.get(id);
      this.acks.delete(id);
      return onAck?.(answer);
    }
    this.connected = what === 'connect';
    if (what === 'connect') on.connect({ recovered: false });
    else on.disconnect();
  }

  emit(event, payload, onAck) {
    const id = onAck ? this.acks.size + Math.random() : null;
    if (onAck) this.acks.set(id, onAck);
    this.tell({ do: 'emit', event, payload, id });
  }

  drop() {
    this.tell({ do: 'drop' });
  }

  goodbye() {
    this.tell({ do: 'goodbye' });
  }

  /// Settles once the process has ended and its pipes are closed.
  async end() {
    process.off('exit', this.kill);
    this.kill();
    await this.closed;
  }

  tell(order) {
    this.child.stdin.write(`${JSON.stringify(order)}\n`);
  }
}
