// How long to wait before another try, and whether to try.
export const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
const PASSING = new Set(['no_answer', 'overloaded', 'rate_limited', 'storage_error']);

/// True for an error that asking again later may cure.
export const passes = (error) => PASSING.has(error.code);

export const longer = (ms) => Math.min(2 * ms, LONGEST_PAUSE_MS);

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
