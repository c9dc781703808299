/// The known messages of one room, in rising `seq`. A room's `seq` has no holes, so a jump in it is
/// a gap: messages that exist, or existed, and are not here.
export class Timeline {
  messages = [];
  /// The newest `seq` that the server has reported.
  lastSeq = 0;
  /// True once the newest page has come.
  seeded = false;
  hasOlder = true;
  #gone = new Set(); // the ends of gaps that the server cannot fill
  #skipped = new Set(); // the beginnings of those that the reader jumped over

  get firstSeq() {
    return this.messages[0]?.seq ?? this.lastSeq + 1;
  }

  /// Returns the message, if it is here.
  find(seq) {
    const i = this.#indexOf(seq);
    return this.messages[i]?.seq === seq ? this.messages[i] : undefined;
  }

  /// Returns the message of this number, or else the next one that is here.
  nearest(seq) {
    return this.messages[this.#indexOf(seq)] ?? this.messages.at(-1);
  }

  /// Adds new messages, and replaces old ones by later versions. Returns true if anything changed.
  merge(messages) {
    const added = messages.filter((message) => !this.find(message.seq));
    const renewed = messages.filter((message) => this.#renew(message));
    if (added.length > 0) this.#add(added);
    return added.length + renewed.length > 0;
  }

  /// Returns the gap before `messages[i]`; after the last one for `i === messages.length`. It is
  /// `undefined` if there is none; `gone` says that the server no longer has it, `skipped` that no
  /// loss caused it: it lies between the known part and the place the reader jumped to.
  gapBefore(i) {
    if (i === 0) return undefined;
    const after = this.messages[i - 1].seq;
    const before = i < this.messages.length ? this.messages[i].seq : this.lastSeq + 1;
    if (before - after <= 1) return undefined;
    const [gone, skipped] = [this.#gone.has(before), this.#skipped.has(after)];
    return { after, before, count: before - after - 1, gone, skipped };
  }

  /// Merges the page that the server returned for what comes before `before`.
  mergeBefore(before, { messages, has_more: hasMore }) {
    const isOldest = before <= this.firstSeq;
    const inside = messages.filter((message) => message.seq < before);
    this.merge(inside);
    if (isOldest) this.hasOlder = hasMore && inside.length > 0;
    const reached = inside[0]?.seq ?? before;
    // An empty page, or one that ends where history begins: nothing more will come.
    if (inside.length === 0) this.#gone.add(before);
    else if (!hasMore && this.#indexOf(reached) > 0) this.#gone.add(reached);
  }

  /// Merges the page that the server returned for what comes after `after`.
  mergeAfter(after, { messages, has_more: hasMore }) {
    this.merge(messages);
    const gap = this.gapBefore(this.#indexOf(messages.at(-1)?.seq ?? after) + 1);
    if (!gap) return;
    if (hasMore && messages.length > 0) this.#skipped.add(gap.after);
    else this.#gone.add(gap.before);
  }

  /// Merges a page from the middle of history, with what the server says of both its sides.
  mergeAround({ messages, has_more_before: hasMoreBefore }) {
    if (messages.length === 0) return;
    const [first, last] = [messages[0].seq, messages.at(-1).seq];
    const isOldest = first < this.firstSeq;
    const around = this.gapBefore(this.#indexOf(first));
    this.merge(messages);
    if (isOldest) this.hasOlder = hasMoreBefore;
    // A gap that messages were missing in stays one.
    if (around && !around.skipped) return;
    for (const i of [this.#indexOf(first), this.#indexOf(last) + 1]) {
      const gap = this.gapBefore(i);
      if (gap) this.#skipped.add(gap.after);
    }
  }

  /// Drops everything, since the server's numbers decreased: this is another history.
  clear() {
    this.messages = [];
    this.#gone.clear();
    this.#skipped.clear();
    this.lastSeq = 0;
    this.hasOlder = true;
    this.seeded = false;
  }

  #add(added) {
    const wasLast = this.messages.at(-1)?.seq ?? 0;
    this.messages.push(...added);
    if (added[0].seq < wasLast) this.messages.sort((a, b) => a.seq - b.seq);
    this.lastSeq = Math.max(this.lastSeq, this.messages.at(-1).seq);
    if (this.firstSeq === 1) this.hasOlder = false;
  }

  #renew(message) {
    const i = this.#indexOf(message.seq);
    const known = this.messages[i];
    if (known?.seq !== message.seq || !(message.rev > known.rev)) return false;
    this.messages[i] = message;
    return true;
  }

  // Returns the index of a message of this number, present or not.
  #indexOf(seq) {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
