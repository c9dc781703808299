import { announce, byId, focusFirst } from './dom.js';
import { silenceSentence } from './silence.js';

const ROOM_FOR_NUMBERS = 200; // how near to the limit its distance is told

/// The field in which messages are written and changed. A draft stays with its room. There is none
/// in a closed room, and it takes nothing as long as the user may not write.
export class ComposerView {
  #chat;
  #room;
  #edited; // the message that is being changed
  #field = byId('content');
  #note = byId('content-note');
  #silence = byId('silence');
  #stop = [];

  constructor(chat) {
    this.#chat = chat;
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId('editing-cancel').addEventListener('click', () => this.#endEdit());
    this.#field.addEventListener('keydown', (event) => this.#key(event));
    this.#field.addEventListener('input', () => this.#changed());
    addEventListener('resize', () => this.#fit());
    chat.on('room', () => this.#show(chat.room));
  }

  /// Gives the focus to the field, or to the messages while nothing can be written.
  focus() {
    focusFirst(this.#field, byId('messages'));
  }

  /// Begins to change a message of the user; the draft waits meanwhile.
  edit(message) {
    this.#room.typed(false);
    this.#setEdited(message);
    this.#fill(message.content);
    this.focus();
  }

  #endEdit() {
    this.#setEdited(undefined);
    this.#fill(this.#room.draft);
    this.focus();
  }

  #setEdited(message) {
    this.#edited = message;
    byId('editing').hidden = message === undefined;
    byId('send').setAttribute('aria-label', message === undefined ? 'Send' : 'Save');
  }

  #show(room) {
    for (const stop of this.#stop) stop();
    this.#room?.typed(false);
    this.#room = room;
    this.#setEdited(undefined);
    this.#stop = [];
    if (!room) return;
    this.#field.placeholder = `Message ${room.name}`;
    this.#drawVoice();
    this.#fill(room.draft);
    this.#stop = [
      room.on('typing', () => this.#drawTyping()),
      room.on('status', () => this.#drawVoice()),
      room.on('voice', () => this.#voiceChanged()),
    ];
    this.#drawTyping();
  }

  #drawVoice() {
    const { status, silence } = this.#room;
    const focused = document.activeElement;
    byId('composer').hidden = status === 'closed';
    byId('typing').hidden = status === 'closed';
    this.#silence.textContent = silence === undefined ? '' : silenceSentence(silence);
    for (const each of [this.#field, byId('send')]) each.disabled = silence !== undefined;
    const isLost = byId('composer').hidden ? byId('composer').contains(focused) : focused.disabled;
    if (isLost) byId('messages').focus();
  }

  #voiceChanged() {
    const wasSilent = this.#field.disabled;
    this.#drawVoice();
    if (wasSilent && !this.#field.disabled) announce('You can write here again.');
  }

  #drawTyping() {
    byId('typing').textContent = this.#room.typists.sentence;
  }

  // Escape cancels a change; up in an empty field begins to change the last message.
  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === 'Escape' && this.#edited) {
      this.#endEdit();
    } else if (event.key === 'ArrowUp' && this.#field.value === '' && this.#chat.offers('edit')) {
      const message = this.#room.lastOwn;
      if (!message) return;
      event.preventDefault();
      this.edit(message);
    }
  }

  #changed() {
    if (!this.#edited) {
      this.#room.draft = this.#field.value;
      this.#room.typed(this.#field.value.trim() !== '');
    }
    this.#fit();
  }

  #submit() {
    const content = this.#field.value.trim();
    this.focus();
    if (content === '' || this.#surplus(content) > 0) return;
    if (this.#edited) this.#save(content);
    else this.#send(content);
  }

  #send(content) {
    this.#room.draft = '';
    this.#fill('');
    this.#room.send(content);
  }

  async #save(content) {
    const message = this.#edited;
    if (content === message.content) return this.#endEdit();
    const { error } = await this.#room.edit(message, content);
    if (this.#edited !== message) return;
    if (error) this.#say(`Not saved: ${error.message}`, true);
    else this.#endEdit();
  }

  #surplus(content) {
    return [...content].length - this.#chat.info.limits.content;
  }

  #fill(text) {
    this.#field.value = text;
    this.#fit();
  }

  // As high as its text, within the bounds of the style.
  #fit() {
    const field = this.#field;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
    const surplus = this.#surplus(field.value.trim());
    if (surplus > 0) this.#say(`${surplus} characters too many`, true);
    else this.#say(surplus > -ROOM_FOR_NUMBERS ? `${-surplus} characters left` : '', false);
  }

  #say(text, isError) {
    this.#note.textContent = text;
    this.#note.classList.toggle('alarm', isError);
    this.#field.setAttribute('aria-invalid', String(isError));
  }
}
