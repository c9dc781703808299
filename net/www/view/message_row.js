import { avatar } from './avatar.js';
import { element, icon, iconButton } from './dom.js';
import { withLinks } from './links.js';
import { fullTime, shortTime } from './time_format.js';

/// Makes the element of one row of rows.js. Its buttons call `use`.
export function drawRow(row, use) {
  return drawers[row.kind](row, use);
}

const drawers = {
  older: () => note('older', 'Loading messages…'),
  start: ({ startedOver }) =>
    note(
      'start',
      startedOver ? 'The history of this room starts over here.' : 'This is where the room begins.',
    ),
  day: ({ name }) => divider('day', name),
  new: () => divider('new', 'New messages'),
  gap: drawGap,
  message: drawMessage,
  pending: drawPending,
};

const note = (kind, text) => element('p', { className: `row note ${kind}` }, text);

function divider(kind, text) {
  const className = `row divider ${kind}`;
  return element(
    'div',
    { className, role: 'separator', 'aria-label': text },
    element('span', {}, text),
  );
}

function drawGap({ gap }, { loadGap }) {
  const count = gap.count === 1 ? 'One message is' : `${gap.count} messages are`;
  if (gap.skipped && !gap.gone) return drawers.older();
  const className = 'row gap';
  if (gap.gone)
    return element('div', { className }, element('span', {}, `${count} no longer kept here.`));
  const load = element('button', { type: 'button', onclick: () => loadGap(gap) }, 'Load');
  return element('div', { className }, element('span', {}, `${count} missing here.`), load);
}

function drawMessage({ message, continued, isMine, mayChange }, use) {
  const { user_id: userId, username, created_at: createdAt, edited_at: editedAt } = message;
  const at = new Date(createdAt);
  const made = frame({ userId, username, at, continued, isMine });
  if (message.deleted_at) {
    made.append(element('p', { className: 'content deleted' }, 'This message was deleted.'));
    return made;
  }
  const content = contentOf(message.content);
  if (editedAt) content.append(editedMark(new Date(editedAt)));
  made.append(content);
  if (mayChange) made.append(changes(message, use));
  made.append(moreButton(message, mayChange, use));
  return made;
}

const editedMark = (at) =>
  element('small', { className: 'edited', title: fullTime(at) }, ' (edited)');

function changes(message, { edit, remove }) {
  return element(
    'div',
    { className: 'changes', role: 'group', 'aria-label': 'Change your message' },
    iconButton('pencil', 'Edit', () => edit(message)),
    iconButton('bin', 'Delete', () => remove(message)),
  );
}

// Only for devices without a pointer that could hover.
function moreButton(message, mayChange, { act }) {
  const button = iconButton('more', 'More', () => act({ message, mayChange }));
  button.classList.add('more');
  button.setAttribute('aria-haspopup', 'dialog');
  return button;
}

function drawPending({ entry, continued, userId, username, mayRetry }, use) {
  const at = new Date(entry.writtenAt);
  const made = frame({ userId, username, at, continued, isMine: true });
  made.classList.add(entry.error ? 'failed' : 'waiting');
  made.append(contentOf(entry.content), entry.error ? failure(entry, mayRetry, use) : waiting());
  return made;
}

function frame({ userId, username, at, continued, isMine }) {
  const className = `row message${continued ? ' continued' : ''}${isMine ? ' mine' : ''}`;
  const label = `${username}, ${shortTime(at)}`;
  const made = element('article', { className, tabIndex: -1, 'aria-label': label });
  const time = element('time', { dateTime: at.toISOString(), title: fullTime(at) }, shortTime(at));
  if (continued) made.append(time);
  else {
    const author = element('bdi', { className: 'author' }, username);
    made.append(avatar(userId, username), element('header', {}, author, time));
  }
  return made;
}

function contentOf(text) {
  const parts = withLinks(text).map((part) =>
    part.href === undefined
      ? part.text
      : element(
          'a',
          { href: part.href, target: '_blank', rel: 'noopener noreferrer nofollow' },
          part.text,
        ),
  );
  return element('p', { className: 'content', dir: 'auto' }, ...parts);
}

const waiting = () =>
  element(
    'p',
    { className: 'pause', title: 'Not sent yet' },
    icon('clock'),
    element('span', { className: 'unseen' }, 'Not sent yet'),
  );

function failure(entry, mayRetry, { retry, discard }) {
  const onclick = () => retry(entry);
  const again = mayRetry ? element('button', { type: 'button', onclick }, 'Try again') : undefined;
  return element(
    'p',
    { className: 'fate' },
    element('span', {}, `Not sent: ${entry.error.message}`),
    again,
    element('button', { type: 'button', onclick: () => discard(entry) }, 'Discard'),
  );
}
