/// The page's place, as its address says: `#/` the rooms, `#/room/general` one of them,
/// `#/room/general/at/57` one of its messages, `#/room/general/members` its members,
/// `#/room/general/search` and `#/search` the search.
export function readRoute(hash = location.hash) {
  const [, kind, encoded, part, number] = hash.replace(/^#/, '').split('/');
  const name = kind === 'room' ? decoded(encoded ?? '').trim() : '';
  if (name === '') return { pane: kind === 'search' ? 'search' : 'rooms' };
  const seq = part === 'at' && /^[1-9]\d{0,14}$/.test(number ?? '') ? Number(number) : undefined;
  const pane = part === 'members' || part === 'search' ? part : 'room';
  return { room: name, pane, ...(seq !== undefined && { seq }) };
}

export const hrefOf = (room, part) =>
  `#/room/${encodeURIComponent(room)}${part === undefined ? '' : `/${part}`}`;

export const hrefOfMessage = (room, seq) => hrefOf(room, `at/${seq}`);

export const hrefOfSearch = (room) => (room === undefined ? '#/search' : hrefOf(room, 'search'));

/// Takes the page there at once, so that the next key pressed is already pressed there. (The browser
/// tells of an assignment to `location.hash` only a task later.)
export function go(hash) {
  if (hash === location.hash) return;
  history.pushState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
