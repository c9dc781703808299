import { briefTime, dayOf, shortTime } from './time_format.js';

/// Says what keeps the user from writing in a room, as `Voice` knows it.
export function silenceSentence({ by, reason, until, why }, now = Date.now()) {
  if (why !== undefined) return `You cannot write here: ${why}.`;
  const who = by === null ? 'You are muted' : `${by} has muted you`;
  const end = until === null ? '' : ` until ${timeOf(until, now)}`;
  return reason === null ? `${who} in this room${end}.` : `${who} in this room${end}: ${reason}`;
}

const timeOf = (until, now) =>
  dayOf(until) === dayOf(now) ? shortTime(until) : `${briefTime(until, now)}, ${shortTime(until)}`;
