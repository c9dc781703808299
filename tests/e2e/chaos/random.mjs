// Decisions that a seed makes: the same seed, the same decisions.

/// A generator for each thing that is decided, so that the number of decisions about one of them,
/// which depends on timing, does not change the others.
export class Dice {
  constructor(...seed) {
    // FNV-1a over the words of the seed, then mulberry32.
    this.state = [...seed.join('/')].reduce(
      (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0,
      2_166_136_261,
    );
  }

  /// A number in [0, 1).
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /// A whole number in [from, to).
  between(from, to) {
    return from + Math.floor(this.next() * (to - from));
  }

  chance(percent) {
    return this.next() * 100 < percent;
  }

  pick(list) {
    return list[this.between(0, list.length)];
  }

  /// One of the keys of `weights`, as often as its weight says.
  weighed(weights) {
    const entries = Object.entries(weights);
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) if ((left -= weight) < 0) return key;
    return entries.at(-1)[0];
  }
}
