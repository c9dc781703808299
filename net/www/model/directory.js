import { Emitter } from './emitter.js';
import { FIRST_PAUSE_MS, passes } from './patience.js';

const REFRESH_MS = 30_000;
const NEWS_MS = 4000; // an answer without a room, mostly
const NEWS_UP_TO = 5000; // rooms; beyond, a search finds what is new
const LONGEST_QUESTION = 64; // letters that the server takes for a part of a name

/// The rooms of the server, as far as they were asked for. Emits `changed`.
export class Directory extends Emitter {
  #api;
  #reader;
  #rooms = new Map(); // name → record
  #timer;
  #newest = 0; // the highest id of a room that is known

  /// Returns the id of a room that may change at any time, if there is one: it is asked for often.
  watched = () => undefined;

  /// `reader` is the user whose unread messages are counted, if the server does that.
  constructor(api, reader) {
    super();
    this.#api = api;
    this.#reader = reader;
  }

  get rooms() {
    return [...this.#rooms.values()];
  }

  /// Asks now, and again and again as long as the page is visible: seldom for known rooms, often
  /// for rooms that others have created since.
  start() {
    this.refresh();
    if (this.#timer) return;
    this.#timer = setInterval(() => document.hidden || this.refresh(), REFRESH_MS);
    setInterval(() => document.hidden || this.#askForNews(), NEWS_MS);
    setInterval(() => document.hidden || this.#askForWatched(), NEWS_MS);
    document.addEventListener('visibilitychange', () => document.hidden || this.refresh());
  }

  refresh() {
    return this.#ask('');
  }

  /// Asks for rooms that may lie beyond the known ones.
  search(text) {
    return this.#ask(text);
  }

  knows(name) {
    return this.#rooms.has(name);
  }

  /// Returns what is known of a room, if it is known.
  get(name) {
    return this.#rooms.get(name);
  }

  /// Takes what became known of a room in another way.
  learn(name, facts) {
    const known = this.#rooms.get(name);
    if (known) this.#rooms.set(name, { ...known, ...facts });
  }

  /// Finds out whether the server has a room of exactly this name that the user may see: `{ found
  /// }`, or `{ error }` if that cannot be known.
  async find(name) {
    if (this.#rooms.has(name)) return { found: true };
    const { room, error } = await this.look(name);
    return error ? { error } : { found: room !== undefined };
  }

  /// Asks for the room of exactly this name: `{ room }`, which is `undefined` if there is none that
  /// the user may see, or `{ error }`.
  async look(name) {
    const q = [...name].slice(0, LONGEST_QUESTION).join('');
    for (let after; ; ) {
      const { rooms, next, error } = await this.#api.rooms({ q, after, userId: this.#reader });
      if (error) return { error };
      const room = rooms.find((each) => each.name === name);
      if (room) this.#keep([room]);
      if (room || next === null) return { room };
      after = next;
    }
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

  async #askForNews() {
    if (this.#rooms.size >= NEWS_UP_TO) return;
    const { rooms } = await this.#api.rooms({ after: this.#newest, userId: this.#reader });
    if (rooms?.length > 0) this.#keep(rooms);
  }

  async #askForWatched() {
    const id = this.watched();
    if (id === undefined) return;
    const room = await this.#api.room(id);
    if (!room.error) this.#keep([room]);
  }

  #keep(rooms) {
    for (const room of rooms) {
      this.#rooms.set(room.name, { ...this.#rooms.get(room.name), ...room });
      this.#newest = Math.max(this.#newest, room.id);
    }
    this.emit('changed');
  }
}

// If the server is unavailable, its return will be asked about its rooms.
const isBusy = (error) => passes(error) && error.code !== 'no_answer';
