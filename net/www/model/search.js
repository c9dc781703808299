import { Emitter } from './emitter.js';

/// A search for messages: in one room, or in all of them. Emits `changed`.
export class Search extends Emitter {
  results = [];
  hasMore = false;
  /// `idle` (nothing was asked for), `asking`, `done`, or `failed` with the server's `error`.
  state = 'idle';
  error;
  #api;
  #text = '';
  #room;
  #asked = 0;

  constructor(api) {
    super();
    this.#api = api;
  }

  /// Begins anew; with `room`, only in that room. Without a word nothing is searched for.
  run(text, room) {
    if (text === this.#text && room === this.#room && this.state !== 'failed') return;
    this.#text = text;
    this.#room = room;
    this.results = [];
    this.hasMore = false;
    if (text === '') this.#become('idle');
    else this.#ask();
  }

  more() {
    if (this.hasMore && this.state === 'done') this.#ask();
  }

  async #ask() {
    const asked = ++this.#asked;
    this.#become('asking');
    const {
      results,
      has_more: hasMore,
      error,
    } = await this.#api.search(this.#text, {
      roomId: this.#room?.id,
      offset: this.results.length,
    });
    if (asked !== this.#asked) return;
    if (error) return this.#become('failed', error);
    this.results = [...this.results, ...results];
    this.hasMore = hasMore;
    this.#become('done');
  }

  #become(state, error) {
    this.state = state;
    this.error = error;
    if (state === 'idle') ++this.#asked;
    this.emit('changed');
  }
}
