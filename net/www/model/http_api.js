import { below } from './base.js';

/// The server's HTTP API, as far as the page needs it. Every call returns the body, or `{ error: {
/// code, message } }`; none throws.
export class HttpApi {
  #headers = {};

  constructor(token) {
    if (token) this.#headers.Authorization = `Bearer ${token}`;
  }

  info() {
    return this.#request('api/info');
  }

  /// Returns rooms by id: those whose name contains `q`, those after `after`, with the unread
  /// messages of `userId`, if these are given.
  rooms({ q = '', after, userId }) {
    const query = new URLSearchParams({ limit: 500 });
    if (q !== '') query.set('q', q);
    if (after !== undefined) query.set('after', after);
    if (userId !== undefined) query.set('user_id', userId);
    return this.#request(`api/rooms?${query}`);
  }

  /// Returns the room of this id.
  room(id) {
    return this.#request(`api/rooms/${id}`);
  }

  createRoom(name) {
    return this.#request('api/rooms', { method: 'POST', body: JSON.stringify({ name }) });
  }

  /// Searches messages, best matches first; in one room if `roomId` is given.
  search(text, { roomId, offset }) {
    const path = roomId === undefined ? 'api/search' : `api/messages/${roomId}/search`;
    return this.#request(`${path}?${new URLSearchParams({ q: text, offset })}`);
  }

  async #request(path, options = {}) {
    try {
      const answer = await fetch(below(path), { headers: this.#headers, ...options });
      return await answer.json();
    } catch {
      return { error: { code: 'no_answer', message: 'The server cannot be reached.' } };
    }
  }
}
