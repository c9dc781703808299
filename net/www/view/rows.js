import { dayName, dayOf } from './time_format.js';

const GROUP_MS = 5 * 60_000;
const when = new WeakMap(); // message → { at, day }: dates are slow to read, messages many

function timeOf(message) {
  let known = when.get(message);
  if (!known) {
    const at = Date.parse(message.created_at);
    known = { at, day: dayOf(at) };
    when.set(message, known);
  }
  return known;
}

/// Returns what a room's list shows, from top to bottom. A row's `key` stays the same as long as it
/// is the same thing to the reader; `kind` is `older` (more is loaded from here), `start`, `day`,
/// `new`, `gap`, `message` or `pending`. `canChange`: the user may edit and delete their own
/// messages.
export function buildRows(room, { userId, username, canChange = false }) {
  const { timeline, pending, newAfter, startedOver, status } = room;
  const rows = [];
  if (!timeline.seeded || timeline.hasOlder) rows.push({ key: 'older', kind: 'older' });
  else rows.push({ key: 'start', kind: 'start', startedOver });

  const { messages } = timeline;
  let previous; // the message that another may continue
  let day;
  // Clocks may go back, days must not.
  const addDay = (newDay) => {
    if (newDay <= day) return;
    day = newDay;
    previous = undefined;
    rows.push({ key: `day-${day}`, kind: 'day', name: dayName(day) });
  };
  const addGap = (gap) => {
    if (!gap) return;
    previous = undefined;
    rows.push({ key: `gap-${gap.after}`, kind: 'gap', gap });
  };

  messages.forEach((message, i) => {
    addGap(timeline.gapBefore(i));
    const time = timeOf(message);
    addDay(time.day);
    if (newAfter !== undefined && isFirstNew(messages, i, newAfter, timeline)) {
      previous = undefined;
      rows.push({ key: 'new', kind: 'new' });
    }
    if (message.event && !message.content && !message.deleted_at) return; // nothing to read
    const isMine = message.user_id === userId;
    const key = isMine && message.client_id ? `c-${message.client_id}` : `s-${message.seq}`;
    const continued = continues(previous, { userId: message.user_id, at: time.at });
    const mayChange = isMine && canChange && !message.deleted_at;
    rows.push({ key, kind: 'message', message, continued, isMine, mayChange });
    previous = { userId: message.user_id, at: time.at };
  });
  if (messages.length > 0) addGap(timeline.gapBefore(messages.length));

  for (const entry of pending) {
    addDay(dayOf(entry.writtenAt));
    const continued = continues(previous, { userId, at: entry.writtenAt });
    const mayRetry = status !== 'closed';
    const key = `c-${entry.clientId}`;
    rows.push({ key, kind: 'pending', entry, continued, userId, username, mayRetry });
    previous = { userId, at: entry.writtenAt };
  }
  return rows;
}

// If the read messages are not loaded, it is not known here whether the first one loaded is new.
function isFirstNew(messages, i, newAfter, timeline) {
  if (messages[i].seq <= newAfter) return false;
  return i === 0
    ? !timeline.hasOlder || messages[0].seq === newAfter + 1
    : messages[i - 1].seq <= newAfter;
}

function continues(previous, { userId, at }) {
  return previous?.userId === userId && at - previous.at < GROUP_MS;
}

/// True if both look the same, so that the element of one can be used for the other.
export function isSameRow(a, b) {
  return (
    a.kind === b.kind &&
    a.continued === b.continued &&
    a.mayChange === b.mayChange &&
    a.mayRetry === b.mayRetry &&
    a.message === b.message &&
    a.entry === b.entry &&
    a.name === b.name &&
    a.startedOver === b.startedOver &&
    a.gap?.before === b.gap?.before &&
    a.gap?.gone === b.gap?.gone &&
    a.gap?.skipped === b.gap?.skipped
  );
}

const LETTERS_A_LINE = 70;

/// Estimates the height of a row in px before it was ever drawn.
export function estimateHeight(row) {
  const content = row.message?.content ?? row.entry?.content;
  if (content === undefined) return 40;
  const lines = content
    .split('\n')
    .reduce((sum, line) => sum + 1 + Math.floor(line.length / LETTERS_A_LINE), 0);
  return 22 * lines + (row.continued ? 4 : 36);
}
