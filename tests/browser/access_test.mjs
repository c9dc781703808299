// Accessibility: screen readers, the keyboard, and weak eyes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server, freshName } from '../e2e/support.mjs';
import { assertNoFault, ensureRoom, inRoom, openBrowser, person, phone } from './pages.mjs';

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

describe('axe-core finds no fault', () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of [undefined, phone]) {
      const options = { colorScheme, ...(viewport && { viewport, hasTouch: true, isMobile: true }) };
      it(`on a ${viewport ? 'phone' : 'desk'}, ${colorScheme}`, async () => {
        const room = freshName();
        const other = freshName();
        await server.createRoom(other);
        for (const username of ['Mira', 'Jonas', 'Ben', 'Cem', 'Ana', 'Zoë', 'Ida', 'Olu', 'Yves'])
          await server.post('/messages', {
            room,
            username,
            content: 'hello, see https://example.org/',
          });
        const ana = await person(browser, server, { ...options, path: `/#/room/${room}` });
        await ana.page.locator('#entrance').waitFor();
        await assertNoFault(ana, 'entrance');
        await ana.enter(' ');
        await assertNoFault(ana, 'entrance with an error');
        await ana.enter('Ana');
        await ana.online();
        await server.post('/messages', { room, username: 'Mira', content: 'one more' });
        await ana.sees('one more');
        await ana.send('mine');
        await assertNoFault(ana, 'room');
        await ana.page.evaluate((name) => (location.hash = `#/room/${name}/members`), room);
        await ana.page.locator('#member-lists .is-away').first().waitFor();
        await assertNoFault(ana, 'members');
        await ana.page.evaluate((name) => (location.hash = `#/room/${name}`), other);
        await ana.until(
          (name) => document.querySelector('#room-title').textContent === name,
          other,
        );
        await server.post('/messages', { room, username: 'Mira', content: 'unread' });
        await ana.page.evaluate(() => (location.hash = '#/'));
        await ana.page.locator(`#room-lists a[data-room="${room}"] .badge`).waitFor();
        await assertNoFault(ana, 'rooms');
        await ana.page.locator('#new-room').click();
        await ana.page.keyboard.press('Enter');
        await ana.page.locator('#new-room-error').getByText('A room needs a name.').waitFor();
        await assertNoFault(ana, 'new room');
        await ana.page.keyboard.press('Escape');
        await ana.page.locator('#change-identity').click();
        await assertNoFault(ana, 'change of name');
        await ana.page.keyboard.press('Escape');
        await ana.page.evaluate((name) => (location.hash = `#/room/${name}`), `no ${other}`);
        await ana.page.getByRole('button', { name: 'Create it' }).waitFor();
        await assertNoFault(ana, 'no such room');
        await ana.page.evaluate((name) => (location.hash = `#/room/${name}`), room);
        await ana.sees('mine');
        await ana.page.locator('#leave-room').click();
        await assertNoFault(ana, 'leaving');
        await ana.page.keyboard.press('Escape');
        if (viewport) {
          await ana.page.getByRole('button', { name: 'More' }).last().click();
          await ana.page.getByRole('button', { name: 'Copy the text' }).waitFor();
          await assertNoFault(ana, 'actions');
        }
        await ana.page.context().close();
        ana.assertClean();
      });
    }
  }

  it('without a connection, with messages that wait', async () => {
    const own = await Server.start();
    const ana = await inRoom(browser, own, 'Ana', freshName());
    await own.kill();
    await ana.page.locator('#banner button').waitFor();
    await ana.write('waiting');
    await ana.page.locator('.waiting').waitFor();
    await assertNoFault(ana, 'offline');
    await ana.page.context().close();
  });
});

describe('The keyboard', () => {
  it('reaches every control, and never loses the focus', async () => {
    const ana = await inRoom(browser, server, 'Ana', freshName());
    await ana.write('hello');
    await ana.sees('hello');
    const reached = new Set();
    const controls = await ana.page.evaluate(() => {
      const all = [
        ...document.querySelectorAll('a, button, input, textarea, [tabindex="0"]'),
      ].filter((each) => each.offsetParent !== null);
      return all.map((each) => each.id || each.dataset.room || each.className);
    });
    for (let i = 0; i < controls.length + 5; ++i) {
      await ana.page.keyboard.press('Tab');
      reached.add(
        await ana.page.evaluate(() => {
          const { id, dataset, className, tagName } = document.activeElement;
          return tagName === 'BODY' ? 'BODY' : id || dataset.room || className;
        }),
      );
    }
    assert.deepEqual(
      controls.filter((each) => !reached.has(each)),
      [],
    );
    await ana.page.context().close();
  });

  it('goes from message to message, and back to the list', async () => {
    const ana = await inRoom(browser, server, 'Ana', freshName());
    for (const text of ['one', 'two', 'three']) await ana.send(text);
    const focused = () =>
      ana.page.evaluate(
        () =>
          document.activeElement.id || document.activeElement.querySelector('.content').textContent,
      );
    await ana.messages.focus();
    const visited = [];
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'Escape']) {
      await ana.page.keyboard.press(key);
      visited.push(await focused());
    }
    assert.deepEqual(visited, ['three', 'two', 'one', 'two', 'messages']);
    await ana.page.context().close();
  });

  it('is somewhere else at once when a key leads there', async () => {
    const rooms = [freshName(), freshName()];
    const ana = await inRoom(browser, server, 'Ana', rooms[0]);
    await ensureRoom(server, rooms[1]);
    await ana.page.goto(`${server.url}/#/room/${rooms[1]}`);
    await ana.page.locator('#room-title').getByText(rooms[1]).waitFor();
    // The keys within one task: no event of the browser's own comes between.
    const seen = await ana.page.evaluate((other) => {
      const press = (key, modifiers) =>
        document.dispatchEvent(new KeyboardEvent('keydown', { key, ...modifiers }));
      const title = document.querySelector('#room-title');
      const place = () => [title.textContent, document.activeElement.id];
      press('F', { ctrlKey: true, shiftKey: true });
      const inSearch = place();
      const links = [...document.querySelectorAll('#room-lists a')].map((link) => link.dataset.room);
      const isAbove = links.indexOf(other) < links.indexOf(title.textContent);
      press(isAbove ? 'ArrowUp' : 'ArrowDown', { altKey: true });
      return [inSearch, place()];
    }, rooms[0]);
    assert.deepEqual(seen, [
      [rooms[1], 'search-text'],
      [rooms[0], 'content'],
    ]);
    await ana.page.context().close();
  });

  it('keeps the focus in the page when what had it goes away', async () => {
    const room = freshName();
    for (let i = 0; i < 150; ++i)
      await server.post('/messages', { room, username: 'Mira', content: `line ${i}` });
    const ana = await inRoom(browser, server, 'Ana', room);
    await ana.messages.focus();
    await ana.page.keyboard.press('ArrowUp');
    await ana.until(() => document.activeElement.tagName === 'ARTICLE');
    await ana.messages.evaluate((frame) => (frame.scrollTop = 0));
    await ana.until(() => document.activeElement.id === 'messages');
    await ana.page.locator('#new-room').focus();
    await ana.page.keyboard.press('Enter');
    await ana.until(() => document.activeElement.id === 'new-room-name');
    await ana.page.keyboard.press('Escape');
    await ana.until(() => document.activeElement.id === 'new-room');
    await ana.page.context().close();
  });

  it('says new messages aloud, and nothing that was there before', async () => {
    const room = freshName();
    await server.post('/messages', { room, username: 'Mira', content: 'old' });
    const ana = await inRoom(browser, server, 'Ana', room);
    assert.equal(await ana.page.locator('#announcer').textContent(), '');
    await server.post('/messages', { room, username: 'Mira', content: 'new' });
    await ana.page.locator('#announcer').getByText('Mira: new').waitFor({ state: 'attached' });
    await ana.page.context().close();
  });
});
