import { Emitter } from './emitter.js';
import { FIRST_PAUSE_MS, passes } from './patience.js';

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
    const { rooms, error } = await this.#api.rooms({ q, userId: this.#reader });
    if (rooms) this.#keep(rooms);
    else if (isBusy(error)) setTimeout(() => this.#ask(q), FIRST_PAUSE_MS);
  }

  #keep(rooms) {
    for (const room of rooms) this.#rooms.set(room.name, room);
    this.emit('changed');
  }
}

// Where the server is not there at all, its return will be asked about its rooms.
const isBusy = (error) => passes(error) && error.code !== 'no_answer';
