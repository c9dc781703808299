// The server ends it after 6 s without renewal; this is for the case that its event was lost.
const FORGET_MS = 8000;

/// The users who are typing in one room.
export class Typists {
  #typists = new Map(); // user_id → { username, timer }
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  set({ user_id: userId, username, is_typing: isTyping }) {
    const before = this.#typists.get(userId);
    if (!before && !isTyping) return;
    clearTimeout(before?.timer);
    this.#typists.delete(userId);
    if (isTyping) {
      const timer = setTimeout(() => this.set({ user_id: userId, is_typing: false }), FORGET_MS);
      this.#typists.set(userId, { username, timer });
    }
    this.#changed();
  }

  has(userId) {
    return this.#typists.has(userId);
  }

  clear() {
    for (const userId of [...this.#typists.keys()]) this.set({ user_id: userId, is_typing: false });
  }

  get sentence() {
    return typingSentence([...this.#typists.values()].map((typist) => typist.username));
  }
}

export function typingSentence(names) {
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`;
  return 'Several people are typing…';
}
