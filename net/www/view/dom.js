/// Makes elements without markup: text from a server or a user is only ever text.
export const byId = (id) => document.getElementById(id);

/// `properties` are set on the element; unknown ones become attributes. `undefined` properties and
/// children are left out.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/// Returns one of the symbols of index.html; it is silent for those who cannot see it.
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onclick) {
  const properties = { type: 'button', className: 'icon-button', title: label, onclick };
  return element('button', { ...properties, 'aria-label': label }, icon(name));
}

/// Gives the focus to the first of these that takes it: one that is hidden or disabled does not.
export function focusFirst(...elements) {
  for (const each of elements) {
    each.focus();
    if (document.activeElement === each) return;
  }
}

/// Announces something to people who listen to the page.
export function announce(text) {
  byId('announcer').textContent = text;
}

/// Calls `draw` once before the next frame, however often it is called.
export function oncePerFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}
