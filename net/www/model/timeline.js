/// The messages of one room as far as they are known here, in rising `seq`. A room's `seq` has no
/// holes, so a jump in it is a gap: messages that exist, or existed, and are not here.
export class Timeline {
  messages = [];
  /// The newest `seq` that the server told of.
  lastSeq = 0;
  /// The newest page was asked for and came.
  seeded = false;
  hasOlder = true;
  #known = new Set();
  #gone = new Set();

  get firstSeq() {
    return this.messages[0]?.seq ?? this.lastSeq + 1;
  }

  /// Adds messages that are not there yet; true if there were any.
  merge(messages) {
    const added = messages.filter((message) => !this.#known.has(message.seq));
    if (added.length === 0) return false;
    const wasLast = this.messages.at(-1)?.seq ?? 0;
    for (const message of added) this.#known.add(message.seq);
    this.messages.push(...added);
    if (added[0].seq < wasLast) this.messages.sort((a, b) => a.seq - b.seq);
    this.lastSeq = Math.max(this.lastSeq, this.messages.at(-1).seq);
    if (this.firstSeq === 1) this.hasOlder = false;
    return true;
  }

  /// The gap in front of `messages[i]`; behind the last one for `i === messages.length`. None is
  /// `undefined`; `gone` says that the server no longer has it.
  gapBefore(i) {
    if (i === 0) return undefined;
    const after = this.messages[i - 1].seq;
    const before = i < this.messages.length ? this.messages[i].seq : this.lastSeq + 1;
    if (before - after <= 1) return undefined;
    return { after, before, count: before - after - 1, gone: this.#gone.has(before) };
  }

  /// The server was asked for what lies before `before`, and this page is what it has.
  mergeBefore(before, { messages, has_more: hasMore }) {
    const isOldest = before <= this.firstSeq;
    const inside = messages.filter((message) => message.seq < before);
    this.merge(inside);
    if (isOldest) this.hasOlder = hasMore && inside.length > 0;
    const reached = inside[0]?.seq ?? before;
    const i = this.messages.findIndex((message) => message.seq === reached);
    // An empty page, or one that ends where history begins: nothing more will come.
    if (inside.length === 0) this.#gone.add(before);
    else if (!hasMore && i > 0) this.#gone.add(reached);
  }

  /// What was known is of another history: the server's numbers went back.
  clear() {
    this.messages = [];
    this.#known.clear();
    this.#gone.clear();
    this.lastSeq = 0;
    this.hasOlder = true;
    this.seeded = false;
  }
}
