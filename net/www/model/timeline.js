/// The messages of one room as far as they are known here, in rising `seq`. A room's `seq` has no
/// holes, so a jump in it is a gap: messages that exist, or existed, and are not here.
export class Timeline {
  messages = [];
  /// The newest `seq` that the server told of.
  lastSeq = 0;
  /// The newest page was asked for and came.
  seeded = false;
  hasOlder = true;
  #gone = new Set(); // the ends of gaps that the server cannot fill
  #skipped = new Set(); // the beginnings of those that the reader jumped over

  get firstSeq() {
    return this.messages[0]?.seq ?? this.lastSeq + 1;
  }

  /// The message, if it is here.
  find(seq) {
    const i = this.#placeOf(seq);
    return this.messages[i]?.seq === seq ? this.messages[i] : undefined;
  }

  /// The message of this number, or else the next one that is here.
  nearest(seq) {
    return this.messages[this.#placeOf(seq)] ?? this.messages.at(-1);
  }

  /// Adds messages that are not there yet, and takes later versions of those that are. True if
  /// anything changed.
  merge(messages) {
    const added = messages.filter((message) => !this.find(message.seq));
    const renewed = messages.filter((message) => this.#renew(message));
    if (added.length > 0) this.#add(added);
    return added.length + renewed.length > 0;
  }

  /// The gap in front of `messages[i]`; behind the last one for `i === messages.length`. None is
  /// `undefined`; `gone` says that the server no longer has it, `skipped` that nobody missed it: it
  /// lies between what was known and what the reader jumped to.
  gapBefore(i) {
    if (i === 0) return undefined;
    const after = this.messages[i - 1].seq;
    const before = i < this.messages.length ? this.messages[i].seq : this.lastSeq + 1;
    if (before - after <= 1) return undefined;
    const [gone, skipped] = [this.#gone.has(before), this.#skipped.has(after)];
    return { after, before, count: before - after - 1, gone, skipped };
  }

  /// The server was asked for what lies before `before`, and this page is what it has.
  mergeBefore(before, { messages, has_more: hasMore }) {
    const isOldest = before <= this.firstSeq;
    const inside = messages.filter((message) => message.seq < before);
    this.merge(inside);
    if (isOldest) this.hasOlder = hasMore && inside.length > 0;
    const reached = inside[0]?.seq ?? before;
    // An empty page, or one that ends where history begins: nothing more will come.
    if (inside.length === 0) this.#gone.add(before);
    else if (!hasMore && this.#placeOf(reached) > 0) this.#gone.add(reached);
  }

  /// The server was asked for what lies after `after`, and this page is what it has.
  mergeAfter(after, { messages, has_more: hasMore }) {
    this.merge(messages);
    const gap = this.gapBefore(this.#placeOf(messages.at(-1)?.seq ?? after) + 1);
    if (!gap) return;
    if (hasMore && messages.length > 0) this.#skipped.add(gap.after);
    else this.#gone.add(gap.before);
  }

  /// A page from the middle of history, with what the server says of both its sides.
  mergeAround({ messages, has_more_before: hasMoreBefore }) {
    if (messages.length === 0) return;
    const [first, last] = [messages[0].seq, messages.at(-1).seq];
    const isOldest = first < this.firstSeq;
    const around = this.gapBefore(this.#placeOf(first));
    this.merge(messages);
    if (isOldest) this.hasOlder = hasMoreBefore;
    // Where messages were missed, they still are.
    if (around && !around.skipped) return;
    for (const i of [this.#placeOf(first), this.#placeOf(last) + 1]) {
      const gap = this.gapBefore(i);
      if (gap) this.#skipped.add(gap.after);
    }
  }

  /// What was known is of another history: the server's numbers went back.
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
    const i = this.#placeOf(message.seq);
    const known = this.messages[i];
    if (known?.seq !== message.seq || !(message.rev > known.rev)) return false;
    this.messages[i] = message;
    return true;
  }

  // Where a message of this number is, or would be.
  #placeOf(seq) {
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
