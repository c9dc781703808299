const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const TRAILING = /[.,;:!?…]+$/u;

/// Splits `text` into `{ text }` and `{ text, href }`. Only web addresses become links, and only as
/// the browser itself understands them.
export function withLinks(text) {
  const parts = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutTrailing(found);
    const href = webAddress(address);
    if (href === undefined) continue;
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ text: address, href });
    from = index + address.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

// A full stop belongs to the sentence, and so does a bracket that was opened before the address.
function withoutTrailing(address) {
  for (;;) {
    let shorter = address.replace(TRAILING, '');
    if (shorter.endsWith(')') && !shorter.includes('(')) shorter = shorter.slice(0, -1);
    if (shorter === address) return address;
    address = shorter;
  }
}

function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
