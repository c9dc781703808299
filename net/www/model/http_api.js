/// The server's HTTP API, as far as the page needs it. Every call gives the body, or
/// `{ error: { code, message } }`; none throws.
export class HttpApi {
  #headers = {};

  constructor(token) {
    if (token) this.#headers.Authorization = `Bearer ${token}`;
  }

  info() {
    return this.#request('/api/info');
  }

  /// Rooms by id; those whose name contains `q` where it is given.
  rooms(q = '') {
    const query = q === '' ? '' : `&q=${encodeURIComponent(q)}`;
    return this.#request(`/api/rooms?limit=500${query}`);
  }

  createRoom(name) {
    return this.#request('/api/rooms', { method: 'POST', body: JSON.stringify({ name }) });
  }

  async #request(path, options = {}) {
    try {
      const answer = await fetch(path, { headers: this.#headers, ...options });
      return await answer.json();
    } catch {
      return { error: { code: 'no_answer', message: 'The server cannot be reached.' } };
    }
  }
}
