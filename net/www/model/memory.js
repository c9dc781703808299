import { basePath } from './base.js';

/// What this browser remembers between visits. If it may not store anything, the page still works
/// until it is closed.
// Servers below different paths of one host share the browser's storage.
const PREFIX = basePath === '/' ? 'hubbub.' : `hubbub${basePath}.`;

function storageOrStandIn() {
  try {
    localStorage.setItem(`${PREFIX}probe`, '');
    localStorage.removeItem(`${PREFIX}probe`);
    return localStorage;
  } catch {
    const values = new Map();
    return {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => values.set(key, value),
      removeItem: (key) => values.delete(key),
      get length() {
        return values.size;
      },
      key: (i) => [...values.keys()][i] ?? null,
    };
  }
}

export class Memory {
  #storage;
  #prefix;

  /// `owner` separates the data of several users of the same browser.
  constructor(owner = '', storage = storageOrStandIn()) {
    this.#storage = storage;
    this.#prefix = `${PREFIX}${owner === '' ? '' : `${encodeURIComponent(owner)}.`}`;
  }

  of(owner) {
    return new Memory(owner, this.#storage);
  }

  get(name) {
    try {
      return JSON.parse(this.#storage.getItem(this.#prefix + name)) ?? undefined;
    } catch {
      return undefined;
    }
  }

  set(name, value) {
    try {
      this.#storage.setItem(this.#prefix + name, JSON.stringify(value));
    } catch {
      // The storage is full: what was there stays, and nothing else depends on it.
    }
  }

  forget(name) {
    this.#storage.removeItem(this.#prefix + name);
  }

  /// Returns the values whose names begin with `stem`.
  all(stem) {
    const names = [];
    for (let i = 0; i < this.#storage.length; ++i) {
      const key = this.#storage.key(i);
      if (key.startsWith(this.#prefix + stem)) names.push(key.slice(this.#prefix.length));
    }
    return names.map((name) => this.get(name)).filter((value) => value !== undefined);
  }
}
