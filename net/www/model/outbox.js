import { Emitter } from './emitter.js';

/// Messages that the server has not acknowledged yet, in the order of writing. They outlive the
/// page: they are sent on the next visit with the same `client_id`, and so stored once. Emits
/// `changed`.
export class Outbox extends Emitter {
  #memory;
  #entries;

  constructor(memory) {
    super();
    this.#memory = memory;
    this.#entries = memory.all('outbox.').sort((a, b) => a.order - b.order);
  }

  get size() {
    return this.#entries.filter((entry) => !entry.error).length;
  }

  of(room) {
    return this.#entries.filter((entry) => entry.room === room);
  }

  rooms() {
    return [...new Set(this.#entries.map((entry) => entry.room))];
  }

  add(room, content) {
    const writtenAt = Date.now();
    const order = Math.max(writtenAt, (this.#entries.at(-1)?.order ?? 0) + 1);
    const entry = { clientId: randomId(), room, content, writtenAt, order };
    this.#entries.push(entry);
    this.#keep(entry);
    return entry;
  }

  /// Says that the server refused the message, for the reason in `error`; `undefined`: try again.
  mark(entry, error) {
    const marked = { ...entry, error };
    this.#entries = this.#entries.map((each) => (each.clientId === entry.clientId ? marked : each));
    this.#keep(marked);
  }

  remove(clientId) {
    this.#entries = this.#entries.filter((entry) => entry.clientId !== clientId);
    this.#memory.forget(`outbox.${clientId}`);
    this.emit('changed');
  }

  // Each is stored under a name of its own, so that two tabs cannot undo each other's changes.
  #keep(entry) {
    this.#memory.set(`outbox.${entry.clientId}`, entry);
    this.emit('changed');
  }
}

// `crypto.randomUUID` exists only if the page came by TLS or from this machine.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
