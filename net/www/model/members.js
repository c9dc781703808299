/// The present members of a room. Large rooms name only the first of their members; `total` counts
/// all.
export class Members {
  total = 0;
  next; // where to ask on, if there are more than are here
  #names = new Map(); // user_id → username

  get size() {
    return this.#names.size;
  }

  has(userId) {
    return this.#names.has(userId);
  }

  /// Returns a user's name, as far as it is known; otherwise the `user_id`.
  nameOf(userId) {
    return this.#names.get(userId) ?? userId;
  }

  list() {
    const users = [...this.#names].map(([userId, username]) => ({ userId, username }));
    return users.sort((a, b) => a.username.localeCompare(b.username));
  }

  reset(members, total) {
    this.#names.clear();
    this.add(members, total);
    this.next = this.size < total ? members.at(-1)?.user_id : undefined;
  }

  add(members, total) {
    for (const { user_id: userId, username } of members) this.#names.set(userId, username);
    this.total = total;
  }

  remove(users, total) {
    for (const { user_id: userId } of users) this.#names.delete(userId);
    this.total = total;
  }
}
