import { Emitter } from './emitter.js';

const REFRESH_MS = 30_000;

/// The rooms that the server has, as far as they were asked for. Emits `changed`.
export class Directory extends Emitter {
  #api;
  #reader;
  #rooms = new Map(); // name → record
  #timer;

  /// `reader`: the user whose unread messages are to be counted, where the server does that.
  constructor(api, reader) {
    super();
    this.#api = api;
    this.#reader = reader;
  }

  get rooms() {
    return [...this.#rooms.values()];
  }

  /// Asks now and, for as long as somebody looks at the page, again and again.
  start() {
    this.refresh();
    this.#timer ??= setInterval(() => document.hidden || this.refresh(), REFRESH_MS);
  }

  refresh() {
    return this.#ask('');
  }

  /// Asks for rooms that may lie beyond those that are known.
  search(text) {
    return this.#ask(text);
  }

  async create(name) {
    const answer = await this.#api.createRoom(name);
    if (!answer.error) this.#keep([answer]);
    return answer;
  }

  async #ask(q) {
    const { rooms } = await this.#api.rooms({ q, userId: this.#reader });
    if (rooms) this.#keep(rooms);
  }

  #keep(rooms) {
    for (const room of rooms) this.#rooms.set(room.name, room);
    this.emit('changed');
  }
}
