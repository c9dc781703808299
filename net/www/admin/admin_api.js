import { below } from '../model/base.js';

/// The routes for people on call. Every call returns the body, or `{ error: { code, message } }`;
/// none throws. The key is sent in a header only.
export class AdminApi {
  #key;

  constructor(key) {
    this.#key = key;
  }

  /// Returns the figures and counters, and the samples of the last hour after number `since`.
  now(since) {
    return this.#request('GET', `api/admin/now?since=${since}`);
  }

  activity() {
    return this.#request('GET', 'api/admin/activity');
  }

  /// Returns what the flight recorder remembers of a user, in a room, or both.
  trace(asked) {
    return this.#request('GET', `api/admin/trace?${new URLSearchParams(asked)}`);
  }

  disconnect(userId) {
    return this.#request('POST', 'api/admin/disconnect', { user_id: userId });
  }

  drain() {
    return this.#request('POST', 'api/admin/drain');
  }

  kick(roomId, userId, reason) {
    return this.#request('POST', `api/rooms/${roomId}/kicks`, { user_id: userId, reason });
  }

  /// Puts a user on a room's list: `bans` or `mutes`.
  put(list, roomId, userId, reason) {
    const path = `api/rooms/${roomId}/${list}/${encodeURIComponent(userId)}`;
    return this.#request('PUT', path, { reason });
  }

  /// Returns the rooms whose names contain `name`.
  rooms(name) {
    return this.#request('GET', `api/rooms?${new URLSearchParams({ q: name, limit: 500 })}`);
  }

  async #request(method, path, body) {
    try {
      const answer = await fetch(below(path), {
        method,
        headers: { Authorization: `Bearer ${this.#key}` },
        body: body && JSON.stringify(body),
        cache: 'no-store',
        credentials: 'same-origin',
        redirect: 'error',
      });
      return await answer.json();
    } catch {
      return { error: { code: 'no_answer', message: 'The server does not answer.' } };
    }
  }
}
