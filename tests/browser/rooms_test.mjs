// Rooms: finding, creating, joining and leaving them, and what is unread in them.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from '../e2e/support.mjs';
import { closeClients, connect, join } from '../e2e/clients.mjs';
import { allLeave, inRoom, openBrowser, person, phone } from './pages.mjs';

let server;
let browser;
const people = [];
before(async () => {
  server = await Server.start();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(() => allLeave(people));

const come = async (name, room, options) => {
  const someone = await inRoom(browser, server, name, room, options);
  people.push(someone);
  return someone;
};
const say = (room, content) => server.post('/messages', { room, content, username: 'Mira' });
const link = (someone, room) => someone.page.locator(`#room-lists a[data-room="${room}"]`);

describe('A room', () => {
  it('is joined by its link, whatever its name', async () => {
    const room = `Straße/${freshName()} & 100 % <ok>`;
    await server.createRoom(room);
    const ana = await person(browser, server, { path: `/#/room/${encodeURIComponent(room)}` });
    people.push(ana);
    await ana.page.getByText(`You are about to join ${room}.`).waitFor();
    await ana.enter('Ana');
    await ana.online();
    assert.equal(await ana.page.locator('#room-title').textContent(), room);
    const { rooms } = (await server.get('/api/rooms?q=Stra')).body;
    assert.deepEqual(
      rooms.map(({ name, members_total: total }) => [name, total]),
      [[room, 1]],
    );
  });

  it('is created, and the reason against it stands beside the field', async () => {
    const taken = freshName();
    const wanted = freshName();
    await server.createRoom(taken);
    const ana = await come('Ana', freshName());
    await ana.page.locator('#new-room').click();
    const field = ana.page.getByLabel('Name', { exact: true });
    const error = ana.page.locator('#new-room-error');
    await field.press('Enter');
    assert.equal(await error.textContent(), 'A room needs a name.');
    await field.fill(taken);
    await field.press('Enter');
    await error.getByText('There is a room of this name already.').waitFor();
    assert.equal(await field.getAttribute('aria-describedby'), 'new-room-error');
    await field.fill('x'.repeat(65));
    await field.press('Enter');
    await error.getByText('At most 64 characters.').waitFor();
    await field.fill(wanted);
    await field.press('Enter');
    await ana.page.locator('#room-title').getByText(wanted, { exact: true }).waitFor();
    await ana.until(() => document.activeElement.id === 'content');
  });

  it('that is not there is not created by a link, but where that is wanted', async () => {
    const missing = freshName('no such room');
    const ana = await come('Ana', freshName());
    await ana.page.evaluate((name) => (location.hash = `#/room/${name}`), missing);
    await ana.page.getByText(`There is no room “${missing}”`).waitFor();
    const found = async () => (await server.get(`/api/rooms?q=${missing}`)).body.rooms.length;
    assert.equal(await found(), 0);
    assert.equal(await link(ana, missing).count(), 0);
    // Neither by coming back.
    await ana.page.reload();
    await ana.page.getByText(`There is no room “${missing}”`).waitFor();
    assert.equal(await found(), 0);
    await ana.page.getByRole('button', { name: 'Create it' }).click();
    await ana.page.keyboard.press('Enter');
    await ana.send('first');
    assert.equal(await found(), 1);
    assert.equal(await ana.page.locator('#room-title').textContent(), missing);
  });

  it('of somebody else is listed soon after it was created', async () => {
    const ana = await come('Ana', freshName());
    const room = freshName('new');
    await server.createRoom(room);
    const asked = ana.page.waitForRequest((request) =>
      new URL(request.url()).searchParams.has('after'),
    );
    await link(ana, room).waitFor();
    await asked;
  });

  it('is found among many, by the keyboard alone', async () => {
    const stem = freshName('find');
    for (const name of ['apple', 'pear', 'plum']) await server.createRoom(`${stem}-${name}`);
    const ana = await come('Ana', freshName());
    await ana.page.keyboard.press('Control+K');
    await ana.page.keyboard.type(`${stem.toUpperCase()}-p`);
    await ana.until(() => document.querySelectorAll('#room-lists a').length === 2);
    await ana.page.keyboard.press('ArrowDown');
    await ana.page.keyboard.press('ArrowDown');
    await ana.page.keyboard.press('Enter');
    await ana.page.locator('#room-title').getByText(`${stem}-plum`).waitFor();
  });

  it('is opened by the keys that were meant for it, however fast they come', async () => {
    const stem = freshName('fast');
    for (const name of ['aaa', 'zzz']) await server.createRoom(`${stem}-${name}`);
    const ana = await come('Ana', freshName());
    await link(ana, `${stem}-zzz`).waitFor();
    // The keys within one task: nothing is drawn between them.
    const opened = await ana.page.evaluate((name) => {
      const field = document.querySelector('#room-search');
      field.focus();
      field.value = name;
      field.dispatchEvent(new Event('input'));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      return decodeURIComponent(location.hash);
    }, `${stem}-zzz`);
    assert.equal(opened, `#/room/${stem}-zzz`);
  });

  it('is left, and stays left', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    await ana.page.locator('#leave-room').click();
    await ana.page.getByText(`Leave ${room}?`).waitFor();
    await ana.page.keyboard.press('Enter'); // on Cancel, which has the focus
    await ana.send('still here');
    await ana.page.locator('#leave-room').click();
    await ana.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await ana.page.getByText('Hello, Ana').waitFor();
    await ana.until(async () =>
      (await (await fetch('/api/rooms?limit=500')).json()).rooms.every(
        (each) => each.members_total === 0,
      ),
    );
    await ana.page.reload();
    await ana.page.getByText('Hello, Ana').waitFor();
    assert.equal(await ana.page.locator('#rooms-your-rooms').count(), 0);
  });

  it('of many members shows the first of them, and more when asked', async () => {
    const room = freshName();
    const names = Array.from({ length: 230 }, (_, i) => `user ${String(i).padStart(3, '0')}`);
    const sockets = await Promise.all(names.map((username) => connect(server, { username })));
    await Promise.all(sockets.map((socket) => join(socket, room, { history: 0 })));
    const ana = await come('Ana', room);
    await ana.page.getByRole('button', { name: 'Show more (31)' }).focus();
    await ana.page.keyboard.press('Enter');
    await ana.until(() => document.activeElement.id === 'member-lists');
    const shown = await ana.page.locator('#member-lists bdi').allTextContents();
    assert.deepEqual(shown, ['Ana', ...names]);
    closeClients();
    await ana.until(() => document.querySelector('#room-count').textContent === 'only you');
  });

  it('that cannot be joined says why, and nothing is lost by it', async () => {
    const ana = await come('Ana', freshName());
    await ana.page.evaluate((name) => (location.hash = `#/room/${name}`), 'x'.repeat(65));
    await ana.page.getByText('This room cannot be joined').waitFor();
    await ana.page.goBack();
    await ana.write('still talking');
    await ana.sees('still talking');
  });
});

describe('What is unread', () => {
  it('is counted beside the room and in the title, over a reload too, until it is looked at', async () => {
    const [here, there] = [freshName(), freshName()];
    await server.createRoom(here);
    const ana = await come('Ana', there);
    await ana.page.evaluate((name) => (location.hash = `#/room/${name}`), here);
    await ana.until(
      (name) => document.querySelector('[aria-current]')?.dataset.room === name,
      here,
    );
    for (const text of ['one', 'two']) await say(there, text);
    const badge = link(ana, there).locator('.badge');
    await badge.getByText('2').waitFor();
    assert.match(await ana.page.title(), /^\(2\) /);
    await ana.page.reload();
    await badge.getByText('2').waitFor();
    await say(there, 'three');
    await badge.getByText('3').waitFor();

    await link(ana, there).click();
    await ana.sees('three');
    await ana.page.locator('#messages .divider.new').waitFor();
    const order = await ana.page
      .locator('#messages .row')
      .evaluateAll((rows) =>
        rows.map((row) => row.querySelector('.content')?.textContent ?? row.classList[2]),
      );
    assert.deepEqual(order, ['start', 'day', 'new', 'one', 'two', 'three']);
    await ana.until(() => !document.title.startsWith('('));
    await link(ana, here).click();
    await ana.until(
      (name) => document.querySelector('[aria-current]')?.dataset.room === name,
      here,
    );
    assert.equal(await badge.count(), 0);
  });

  it('waits below for a reader who has scrolled up, with a button that leads there', async () => {
    const room = freshName();
    for (let i = 0; i < 60; ++i) await say(room, `line ${i}`);
    const ana = await come('Ana', room);
    await ana.sees('line 59');
    await ana.page.locator('#messages').evaluate((frame) => (frame.scrollTop = 200));
    const button = ana.page.locator('#to-latest');
    await button.getByText('Latest messages').waitFor();
    await ana.page.locator('#messages .start').waitFor();
    const before = await ana.page.locator('#messages').evaluate((frame) => frame.scrollTop);
    await say(room, 'news');
    await button.getByText('1 new message').waitFor();
    assert.equal(await ana.page.locator('#messages').evaluate((frame) => frame.scrollTop), before);
    await button.click();
    await ana.sees('news');
    await ana.page.locator('#messages .divider.new').waitFor();
    await button.waitFor({ state: 'hidden' });
  });
});

describe('A phone', () => {
  const shown = (someone) =>
    someone.page.evaluate(() =>
      ['rooms-pane', 'room-pane', 'members-pane'].filter(
        (id) => document.getElementById(id).offsetWidth > 0,
      ),
    );

  it('has place for the name of a room and for one line of text, however narrow', async () => {
    const room = freshName('a room with a rather long name that does not fit');
    await server.createRoom(room);
    const small = { width: 320, height: 640 };
    const ana = await come('Ana', room, { viewport: small, hasTouch: true, isMobile: true });
    const box = (id) => ana.page.locator(id).boundingBox();
    const [field, send, title] = [await box('#content'), await box('#send'), await box('#room-title')];
    assert.equal(field.y, send.y);
    assert.equal(field.height, send.height);
    assert.ok(field.x < send.x && field.width > 200, JSON.stringify([field, send]));
    assert.ok(title.width > 100, JSON.stringify(title));
  });

  it('that is turned around still shows all of what is being written', async () => {
    const viewport = { width: phone.height, height: phone.width };
    const ana = await come('Ana', freshName(), { viewport, hasTouch: true, isMobile: true });
    await ana.composer.fill('a sentence that goes on for a while '.repeat(4));
    await ana.page.setViewportSize(phone);
    await ana.until(() => {
      const field = document.querySelector('#content');
      return field.scrollHeight <= field.clientHeight;
    });
  });

  it('shows one pane at a time, and Back goes from one to the other', async () => {
    const room = freshName();
    const ana = await come('Ana', room, { viewport: phone, hasTouch: true, isMobile: true });
    assert.deepEqual(await shown(ana), ['room-pane']);
    await ana.page.locator('#show-members').tap();
    await ana.page.locator('#members-pane').waitFor();
    assert.deepEqual(await shown(ana), ['members-pane']);
    await ana.page.goBack();
    await ana.page.locator('#room-pane').waitFor();
    await ana.page.locator('#back').tap();
    await ana.page.locator('#rooms-pane').waitFor();
    assert.deepEqual(await shown(ana), ['rooms-pane']);
    await say(room, 'while you look at the rooms');
    await link(ana, room).locator('.badge').getByText('1').waitFor();
    await link(ana, room).tap();
    await ana.sees('while you look at the rooms');
    const width = await ana.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, phone.width);
  });
});
