const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const oldDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const shortOldDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

export const shortTime = (moment) => time.format(moment);
export const fullTime = (moment) => full.format(moment);

/// Returns the same value for two moments of one day in the user's time zone.
export const dayOf = (moment) => new Date(moment).setHours(0, 0, 0, 0);

/// Returns "today", "yesterday", "Monday, 3 March", and the year too if it is another one.
export function dayName(day, now = Date.now()) {
  const today = dayOf(now);
  if (day === today) return capital(relative.format(0, 'day'));
  if (day === new Date(today).setDate(new Date(today).getDate() - 1))
    return capital(relative.format(-1, 'day'));
  const isThisYear = new Date(day).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? date : oldDate).format(day);
}

/// Returns the time for today, and else the day.
export function briefTime(moment, now = Date.now()) {
  if (dayOf(moment) === dayOf(now)) return shortTime(moment);
  const isThisYear = new Date(moment).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? shortDate : shortOldDate).format(moment);
}

const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
