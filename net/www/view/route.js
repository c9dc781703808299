/// Where the page is, as its address says: `#/` the rooms, `#/room/general` one of them,
/// `#/room/general/members` who is in it.
export function readRoute(hash = location.hash) {
  const [, kind, encoded, part] = hash.replace(/^#/, '').split('/');
  const name = kind === 'room' ? decoded(encoded ?? '').trim() : '';
  if (name === '') return { pane: 'rooms' };
  return { room: name, pane: part === 'members' ? 'members' : 'room' };
}

export const hrefOf = (room, part) =>
  `#/room/${encodeURIComponent(room)}${part === undefined ? '' : `/${part}`}`;

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
