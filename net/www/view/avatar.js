import { element } from './dom.js';

const HUES = 8; // as many as style/controls.css has

/// A circle with the user's initials, always in the same colour.
export function avatar(userId, username) {
  const className = `avatar hue-${hash(userId) % HUES}`;
  return element('span', { className, 'aria-hidden': 'true' }, initials(username));
}

function initials(name) {
  const words = name.split(/[\s._-]+/u).filter((word) => word !== '');
  const letters = words.slice(0, 2).map((word) => [...word][0]);
  return (letters.join('') || '?').toLocaleUpperCase();
}

function hash(text) {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0), 0x01000193);
  return (value ^ (value >>> 13)) >>> 0;
}
