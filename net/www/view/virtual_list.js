const OVERSCAN_PX = 600;
const AT_END_PX = 24;
const NEAR_PX = 1200;
const TARGET_TOP_PX = 80;
const PASSES = 4;

/// A scrolling list that draws only what is near the viewport. Rows are values with a `key`. What
/// the reader looks at stays in place when rows come, go or turn out taller than estimated, and a
/// reader at the end stays there.
///
/// `draw(row)` makes a row's element, without vertical margins; `isSame(a, b)` says that a drawn
/// one need not be drawn again; `estimate(row)` guesses a height; `holds(row)` says that the reader
/// can be looking at it; `near(row, isAbove)` is called for every row that they come near,
/// `moved()` whenever they may have reached or left the end.
export class VirtualList {
  #frame;
  #canvas = document.createElement('div');
  #use;
  #rows = [];
  #offsets = new Float64Array(1);
  #heights = new Map(); // key → measured px
  #drawn = new Map(); // key → { row, element }
  #atEnd = true;
  #width = 0;
  #height = 0;

  constructor(frame, use) {
    this.#frame = frame;
    this.#use = use;
    this.#canvas.className = 'canvas';
    frame.append(this.#canvas);
    frame.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(frame);
  }

  get atEnd() {
    return this.#atEnd;
  }

  get drawnCount() {
    return this.#drawn.size;
  }

  /// Shows these rows; `at` says where: `keep` the reader's place, the `end`, or a row's key.
  show(rows, at = 'keep') {
    const anchor = at === 'keep' && !this.#atEnd ? this.#findAnchor(rows) : undefined;
    const target = rows.find((row) => row.key === at);
    if (at === 'end') this.#atEnd = true;
    if (target) this.#atEnd = false;
    this.#rows = rows;
    this.#layOut();
    this.#update(target ? { key: target.key, top: TARGET_TOP_PX } : anchor);
  }

  scrollToEnd() {
    this.#atEnd = true;
    this.#update();
  }

  /// Gives a drawn row the focus, and marks it for the eye.
  point(key) {
    const element = this.#drawn.get(key)?.element;
    element?.focus({ preventScroll: true });
    element?.classList.add('pointed');
  }

  /// Returns the element of the row `step` rows away from the focused one, scrolled into view; if
  /// none is focused, the last visible one.
  neighbour(step, accepts) {
    const focused = this.#rows.findIndex((row) =>
      this.#elementOf(row)?.contains(document.activeElement),
    );
    let i = focused >= 0 ? focused + step : this.#indexAt(this.#bottom - 1);
    while (i >= 0 && i < this.#rows.length && !accepts(this.#rows[i]))
      i += focused >= 0 ? step : -1;
    if (i < 0 || i >= this.#rows.length) return undefined;
    this.#elementOf(this.#rows[i])?.scrollIntoView({ block: 'nearest' });
    return this.#elementOf(this.#rows[i]);
  }

  get #bottom() {
    return this.#frame.scrollTop + this.#frame.clientHeight;
  }

  #elementOf(row) {
    return this.#drawn.get(row.key)?.element;
  }

  #heightOf(row) {
    return this.#heights.get(row.key) ?? this.#use.estimate(row);
  }

  #layOut() {
    const offsets = new Float64Array(this.#rows.length + 1);
    this.#rows.forEach((row, i) => (offsets[i + 1] = offsets[i] + this.#heightOf(row)));
    this.#offsets = offsets;
  }

  /// Returns the index of the row at this distance from the top.
  #indexAt(y) {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#offsets[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, this.#rows.length - 1);
  }

  // Finds a row that the reader sees and that will still exist, by its lower edge, since the rows
  // above it and its own height may change. A day's line moves when older messages of that day
  // come, so only readable rows qualify.
  #findAnchor(rows) {
    const keys = new Set(rows.map((row) => row.key));
    const top = this.#frame.scrollTop;
    for (let i = Math.max(0, this.#indexAt(top)); i < this.#rows.length; ++i) {
      const { key } = this.#rows[i];
      if (this.#use.holds(this.#rows[i]) && keys.has(key))
        return { key, bottom: this.#offsets[i + 1] - top };
    }
    return undefined;
  }

  #positionFor(anchor, follow) {
    const last = this.#offsets.at(-1);
    if (this.#atEnd && follow) return Math.max(0, last - this.#frame.clientHeight);
    if (!anchor) return this.#frame.scrollTop;
    const i = this.#rows.findIndex((row) => row.key === anchor.key);
    if (i < 0) return this.#frame.scrollTop;
    return anchor.top === undefined
      ? this.#offsets[i + 1] - anchor.bottom
      : this.#offsets[i] - anchor.top;
  }

  // Draws what is near the place, measures it, and repeats that if the measures differ from the
  // estimates.
  #update(anchor, { follow = true } = {}) {
    for (let pass = 0; pass < PASSES; ++pass) {
      const position = this.#positionFor(anchor, follow);
      this.#drawAround(position);
      if (!this.#measure()) break;
      this.#layOut();
    }
    const position = this.#positionFor(anchor, follow);
    if (Math.abs(position - this.#frame.scrollTop) >= 1) this.#frame.scrollTop = position;
    this.#lookWhere();
    this.#lookNear();
    this.#use.moved();
  }

  #lookNear() {
    const { scrollTop, clientHeight } = this.#frame;
    const end = this.#indexAt(scrollTop + clientHeight + NEAR_PX) + 1;
    for (let i = Math.max(0, this.#indexAt(scrollTop - NEAR_PX)); i < end; ++i)
      this.#use.near(this.#rows[i], this.#offsets[i] < scrollTop + clientHeight / 2);
  }

  #drawAround(position) {
    const { clientHeight } = this.#frame;
    const start = Math.max(0, this.#indexAt(position - OVERSCAN_PX));
    const end = this.#indexAt(position + clientHeight + OVERSCAN_PX) + 1;
    const wanted = this.#rows.slice(start, end);
    this.#removeAllBut(new Set(wanted.map((row) => row.key)));
    let above = null;
    for (const row of wanted) {
      const element = this.#drawRow(row);
      const standing = above === null ? this.#canvas.firstChild : above.nextSibling;
      if (element !== standing) this.#canvas.insertBefore(element, standing);
      above = element;
    }
    this.#canvas.style.paddingTop = `${this.#offsets[start]}px`;
    this.#canvas.style.paddingBottom = `${this.#offsets.at(-1) - this.#offsets[end]}px`;
  }

  #drawRow(row) {
    const drawn = this.#drawn.get(row.key);
    if (drawn && this.#use.isSame(drawn.row, row)) {
      drawn.row = row;
      return drawn.element;
    }
    const element = this.#use.draw(row);
    this.#drawn.set(row.key, { row, element });
    this.#heights.delete(row.key);
    if (drawn) this.#exchange(drawn.element, element);
    return element;
  }

  // The focus goes to the element that replaces the focused one.
  #exchange(old, element) {
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(element);
    if (hadFocus) element.focus({ preventScroll: true });
  }

  #removeAllBut(keys) {
    for (const [key, { element }] of this.#drawn) {
      if (keys.has(key)) continue;
      if (element.contains(document.activeElement)) this.#frame.focus({ preventScroll: true });
      element.remove();
      this.#drawn.delete(key);
    }
  }

  #lookWhere() {
    const { scrollHeight, scrollTop, clientHeight } = this.#frame;
    this.#atEnd = scrollHeight - clientHeight - scrollTop < AT_END_PX;
  }

  #measure() {
    let changed = false;
    for (const [key, { row, element }] of this.#drawn) {
      const { height } = element.getBoundingClientRect();
      if (Math.abs(height - this.#heightOf(row)) >= 0.5) changed = true;
      this.#heights.set(key, height);
    }
    return changed;
  }

  #scrolled() {
    // The end has moved, not the reader; that is seen to as soon as the new size is reported.
    if (this.#frame.clientHeight !== this.#height) return;
    this.#lookWhere();
    // A reader who begins to leave the end is not pulled back to it.
    this.#update(this.#findAnchor(this.#rows), { follow: false });
  }

  // Another width breaks lines elsewhere: all measures are void.
  #resized() {
    if (this.#frame.clientHeight === 0) return; // not shown
    const anchor = this.#atEnd ? undefined : this.#findAnchor(this.#rows);
    if (this.#width !== this.#frame.clientWidth) this.#heights.clear();
    this.#width = this.#frame.clientWidth;
    this.#height = this.#frame.clientHeight;
    this.#layOut();
    this.#update(anchor);
  }
}
