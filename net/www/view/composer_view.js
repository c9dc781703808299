import { byId } from './dom.js';

const ROOM_FOR_NUMBERS = 200; // how near to the limit its distance is told

/// Where messages are written. What was begun stays with its room.
export class ComposerView {
  #chat;
  #room;
  #field = byId('content');
  #stop = () => {};

  constructor(chat) {
    this.#chat = chat;
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#field.addEventListener('keydown', (event) => this.#key(event));
    this.#field.addEventListener('input', () => this.#changed());
    chat.on('room', () => this.#show(chat.room));
  }

  focus() {
    this.#field.focus();
  }

  #show(room) {
    this.#stop();
    this.#room?.typed(false);
    this.#room = room;
    if (!room) return;
    this.#field.value = room.draft;
    this.#field.placeholder = `Message ${room.name}`;
    this.#fit();
    this.#stop = room.on('typing', () => this.#drawTyping());
    this.#drawTyping();
  }

  #drawTyping() {
    byId('typing').textContent = this.#room.typists.sentence;
  }

  #key(event) {
    const isNewLine = event.shiftKey || event.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || isNewLine) return;
    event.preventDefault();
    this.#send();
  }

  #changed() {
    this.#room.draft = this.#field.value;
    this.#room.typed(this.#field.value.trim() !== '');
    this.#fit();
  }

  #send() {
    const content = this.#field.value.trim();
    if (content === '' || this.#surplus(content) > 0) return this.focus();
    this.#field.value = '';
    this.#room.draft = '';
    this.#fit();
    this.#room.send(content);
    this.focus();
  }

  #surplus(content) {
    return [...content].length - this.#chat.info.limits.content;
  }

  // As high as what is written, within what the style allows.
  #fit() {
    const field = this.#field;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
    const surplus = this.#surplus(field.value.trim());
    const note = byId('content-note');
    note.classList.toggle('too-long', surplus > 0);
    if (surplus > 0) note.textContent = `${surplus} characters too many`;
    else note.textContent = surplus > -ROOM_FOR_NUMBERS ? `${-surplus} characters left` : '';
    field.setAttribute('aria-invalid', String(surplus > 0));
  }
}
