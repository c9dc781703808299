import { avatar } from './avatar.js';
import { byId, element, oncePerFrame } from './dom.js';

const LATELY = 300; // messages in which to look for who was here
const MOST_AWAY = 30;

/// The present members of the open room, and those who wrote there lately and are away.
export class MembersView {
  #chat;
  #room;
  #stop = [];
  #lists = byId('member-lists');

  constructor(chat) {
    this.#chat = chat;
    this.refresh = oncePerFrame(() => this.#draw());
    chat.on('room', () => this.#show(chat.room));
  }

  #show(room) {
    for (const stop of this.#stop) stop();
    this.#room = room;
    this.#stop = ['members', 'timeline', 'typing', 'status'].map(
      (name) => room?.on(name, this.refresh) ?? (() => {}),
    );
    this.refresh();
  }

  #draw() {
    const room = this.#room;
    const total = room?.status === 'joined' ? room.members.total : 0;
    const count = total === 0 ? '' : total === 1 ? 'only you' : `${total} here`;
    byId('room-count').textContent = room?.status === 'closed' ? 'closed' : count;
    if (!room || room.status === 'refused') return this.#lists.replaceChildren();
    const hadFocus =
      this.#lists.contains(document.activeElement) && document.activeElement !== this.#lists;
    const here = room.members.list();
    const away = this.#away(room);
    this.#lists.replaceChildren(
      ...section(
        `Here — ${room.members.total}`,
        here.map((user) => this.#item(user, true)),
      ),
      ...(room.members.next === undefined ? [] : [this.#more(room)]),
      ...section(
        'Away',
        away.map((user) => this.#item(user, false)),
      ),
    );
    if (hadFocus) this.#lists.focus();
  }

  #away(room) {
    const away = new Map();
    for (const { user_id: userId, username } of room.timeline.messages.slice(-LATELY).reverse()) {
      if (away.size === MOST_AWAY) break;
      if (!room.members.has(userId)) away.set(userId, { userId, username });
    }
    // Above that size not every present member is known by name.
    return room.members.next === undefined ? [...away.values()] : [];
  }

  #item({ userId, username }, isHere) {
    const face = element(
      'span',
      { className: `face ${isHere ? 'here' : 'away'}` },
      avatar(userId, username),
    );
    const name = element('bdi', {}, username);
    const notes = [];
    if (userId === this.#chat.identity.userId) notes.push('you');
    if (this.#room.typists.has(userId)) notes.push('typing…');
    const note =
      notes.length > 0 ? element('span', { className: 'quiet' }, notes.join(', ')) : undefined;
    return element('li', { className: isHere ? '' : 'is-away' }, face, name, note);
  }

  #more(room) {
    const count = room.members.total - room.members.size;
    const load = () => room.loadMoreMembers();
    return element('button', { type: 'button', onclick: load }, `Show more (${count})`);
  }
}

function section(title, items) {
  if (items.length === 0) return [];
  const id = `members-${title.split(' ')[0].toLowerCase()}`;
  return [element('h2', { id }, title), element('ul', { 'aria-labelledby': id }, ...items)];
}
