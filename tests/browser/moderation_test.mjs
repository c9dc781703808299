// What people see of moderation: rooms that are closed and opened again, and mutes.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { freshName } from '../e2e/support.mjs';
import { ask, closeClients, connect, join, send } from '../e2e/clients.mjs';
import { requestAs, startWithTokens, tokenOf } from '../e2e/proven.mjs';
import { allLeave, assertNoFault, openBrowser, person, phone } from './pages.mjs';

let server;
let browser;
const people = [];
before(async () => {
  ({ server } = await startWithTokens());
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  closeClients();
  await allLeave(people);
});

const enter = (user) => connect(server, { auth: { token: tokenOf(user) } });

/// Opens a browser for somebody, in a room; returns once the room's messages are there.
async function come(user, room, { claims, ...options } = {}) {
  const path = `/#/room/${encodeURIComponent(room)}`;
  const someone = await person(browser, server, { path, ...options });
  people.push(someone);
  await someone.enter(tokenOf(user, claims));
  await someone.online();
  return someone;
}

/// Makes a room of olga's with these messages: `{ olga, room }`.
async function roomOfOlga(...messages) {
  const olga = await enter('olga');
  const { room } = await join(olga, freshName());
  for (const text of messages) await send(olga, room.name, text);
  return { olga, room };
}

/// Lets somebody write a message that cannot be sent, and come back after `act`, which happens
/// meanwhile.
async function writeWhileAway(someone, text, act) {
  closeClients();
  await server.kill();
  await someone.page.locator('#banner button').waitFor();
  await someone.write(text);
  await someone.page.locator('.waiting').waitFor();
  const address = someone.page.url();
  await someone.page.goto('about:blank');
  await server.restart();
  await act(await enter('olga'));
  await someone.page.goto(address);
}

const setClosed = (olga, room, closed) => ask(olga, 'set_room', { room: room.id, closed });
const link = (someone, room) => someone.page.locator(`#room-lists a[data-room="${room.name}"]`);
const isWritable = (someone) =>
  someone.page.evaluate(() => {
    const field = document.querySelector('#content');
    return field.checkVisibility() && !field.disabled;
  });

/// Fails unless the page shows this room as a closed one, with its history and nothing to write in.
async function assertClosed(someone, room, text, said = 'This room is closed.') {
  await someone.page.locator('#closed-note').getByText(said).waitFor();
  await someone.sees(text);
  assert.equal(await someone.page.locator('#room-title').textContent(), room.name);
  assert.equal(await isWritable(someone), false);
  assert.equal(await someone.page.locator('#room-count').textContent(), 'closed');
}

describe('A closed room', () => {
  it('stays where it is with its history, and says who closed it', async () => {
    const { olga, room } = await roomOfOlga('farewell');
    const bob = await come('bob', room.name);
    await bob.sees('farewell');
    await bob.composer.focus();
    await setClosed(olga, room, true);
    await assertClosed(bob, room, 'farewell', 'olga has closed this room.');
    await bob.until(() => document.activeElement.id === 'messages');
    await bob.page.locator('#announcer').getByText('olga has closed').waitFor({ state: 'attached' });
    await link(bob, room).getByText('closed').waitFor({ state: 'attached' });
    await assertNoFault(bob, 'closed room');
  });

  it('can be read after a reload too, back to its first message', async () => {
    const { olga, room } = await roomOfOlga(...Array.from({ length: 70 }, (_, i) => `line ${i}`));
    const bob = await come('bob', room.name);
    await bob.sees('line 69');
    await setClosed(olga, room, true);
    await bob.page.locator('#closed-note').waitFor();
    await bob.page.reload();
    await assertClosed(bob, room, 'line 69');
    await bob.messages.evaluate((frame) => (frame.scrollTop = 0));
    await bob.page.locator('#messages .start').waitFor();
    await bob.messages.evaluate((frame) => (frame.scrollTop = 0));
    await bob.sees('line 0');
  });

  it('can be read by somebody who finds it in the list of rooms', async () => {
    const { olga, room } = await roomOfOlga('farewell');
    await setClosed(olga, room, true);
    const other = await roomOfOlga('elsewhere');
    const carl = await come('carl', other.room.name);
    await link(carl, room).getByText('closed').waitFor({ state: 'attached' });
    await carl.page.keyboard.press('Control+K');
    await carl.page.keyboard.type(room.name);
    await carl.until(() => document.querySelectorAll('#room-lists a').length === 1);
    await carl.page.keyboard.press('Enter');
    await assertClosed(carl, room, 'farewell');
    await carl.until(() => document.activeElement.id === 'messages');
    await carl.page.locator('#room-search').fill('');
    await link(carl, other.room).click();
    await carl.sees('elsewhere');
    assert.equal(await isWritable(carl), true);
    await carl.page.locator('#closed-note').waitFor({ state: 'hidden' });
  });

  it('is where a search result leads, to the message itself', async () => {
    const word = freshName('needle').replaceAll('-', '');
    const lines = Array.from({ length: 120 }, (_, i) => (i === 10 ? `the ${word}` : `line ${i}`));
    const { olga, room } = await roomOfOlga(...lines);
    await setClosed(olga, room, true);
    const other = await roomOfOlga('elsewhere');
    const carl = await come('carl', other.room.name);
    await carl.page.locator('#show-search').click();
    await carl.page.locator('#search-text').fill(word);
    await carl.page.locator('.result').first().click();
    await carl.until((text) => document.activeElement.textContent.includes(text), `the ${word}`);
    await assertClosed(carl, room, `the ${word}`);
    await carl.sees('line 9');
  });

  it('comes back to life in the page when it is opened again', async () => {
    const { olga, room } = await roomOfOlga('farewell');
    const bob = await come('bob', room.name);
    await setClosed(olga, room, true);
    await bob.page.locator('#closed-note').waitFor();
    await setClosed(olga, room, false);
    await join(olga, room.name);
    await bob.page.locator('#closed-note').waitFor({ state: 'hidden' });
    await bob.page.locator('#room-count').getByText('2 here').waitFor();
    await bob.send('good to be back');
    const { messages } = await ask(olga, 'get_messages', room.id);
    assert.equal(messages.at(-1).content, 'good to be back');
  });

  it('comes back to life when somebody goes there, after a reload', async () => {
    const { olga, room } = await roomOfOlga('farewell');
    await setClosed(olga, room, true);
    const bob = await come('bob', room.name);
    await assertClosed(bob, room, 'farewell');
    await setClosed(olga, room, false);
    await bob.page.reload();
    await bob.send('good to be back');
  });

  it('offers nothing that it refuses, and keeps what could not be sent', async () => {
    const { room } = await roomOfOlga('farewell');
    const bob = await come('bob', room.name);
    await bob.send('mine');
    await writeWhileAway(bob, 'too late', (olga) => setClosed(olga, room, true));
    await assertClosed(bob, room, 'mine');
    const fate = bob.page.locator('.failed .fate');
    await fate.getByText('Not sent: this room is closed').waitFor();
    assert.equal(await fate.getByRole('button', { name: 'Try again' }).count(), 0);
    assert.equal(await bob.page.locator('#messages .changes').count(), 0);
    await setClosed(await enter('olga'), room, false);
    await fate.getByRole('button', { name: 'Try again' }).click();
    await bob.nothingWaits();
    await bob.sees('too late');
    assert.ok((await bob.page.locator('#messages .changes').count()) > 0);
  });

  it('is no longer among the rooms of somebody who left it', async () => {
    const { olga, room } = await roomOfOlga('farewell');
    const bob = await come('bob', room.name);
    await setClosed(olga, room, true);
    await bob.page.locator('#closed-note').waitFor();
    await bob.page.locator('#leave-room').click();
    await bob.page.getByText('It can still be read.').waitFor();
    await bob.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await bob.page.getByText('Hello, bob').waitFor();
    assert.equal(await bob.page.locator('#rooms-your-rooms').count(), 0);
    await link(bob, room).click();
    await assertClosed(bob, room, 'farewell');
  });

  it('cannot be read by somebody to whom it is unknown', async () => {
    const { olga, room } = await roomOfOlga('farewell');
    await ask(olga, 'set_room', { room: room.id, private: true, closed: true });
    const eve = await person(browser, server, { path: `/#/room/${room.name}` });
    people.push(eve);
    await eve.enter(tokenOf('eve'));
    await eve.page.getByText(`There is no room “${room.name}”`).waitFor();
  });

  for (const colorScheme of ['light', 'dark'])
    it(`has no fault on a phone, ${colorScheme}`, async () => {
      const { olga, room } = await roomOfOlga('farewell');
      await setClosed(olga, room, true);
      const options = { colorScheme, viewport: phone, hasTouch: true, isMobile: true };
      const bob = await come('bob', room.name, options);
      await assertClosed(bob, room, 'farewell');
      await assertNoFault(bob, 'closed room');
      await bob.page.locator('#back').tap();
      await link(bob, room).waitFor();
      await assertNoFault(bob, 'rooms');
    });
});

describe('A mute', () => {
  const mute = (olga, room, more) => ask(olga, 'mute_user', { room: room.id, user_id: 'bob', ...more });
  const unmute = (olga, room) => ask(olga, 'unmute_user', { room: room.id, user_id: 'bob' });
  const silence = (someone, text) => someone.page.locator('#silence').getByText(text).waitFor();

  it('is said with its reason and its end, and nothing can be written meanwhile', async () => {
    const { olga, room } = await roomOfOlga('hello');
    const bob = await come('bob', room.name);
    await bob.send('mine');
    await bob.composer.pressSequentially('a draft');
    const until = new Date(Date.now() + 3_600_000);
    await mute(olga, room, { reason: 'too loud', until: until.toISOString() });
    const at = await bob.page.evaluate(
      (ms) => new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(ms),
      until.getTime(),
    );
    await silence(bob, /^olga has muted you in this room until .*: too loud$/);
    assert.ok((await bob.page.locator('#silence').textContent()).includes(at));
    assert.equal(await isWritable(bob), false);
    assert.equal(await bob.page.locator('#send').isDisabled(), true);
    assert.equal(await bob.composer.inputValue(), 'a draft');
    await bob.until(() => document.activeElement.id === 'messages');
    await bob.until(() => document.querySelectorAll('#messages .changes').length === 0);
    await assertNoFault(bob, 'muted');

    await unmute(olga, room);
    await bob.until(() => !document.querySelector('#content').disabled);
    assert.equal(await bob.page.locator('#silence').textContent(), '');
    await bob.page.locator('#announcer').getByText('write here again').waitFor({ state: 'attached' });
    await bob.composer.press('Enter');
    await bob.sees('a draft');
    await bob.nothingWaits();
  });

  it('is about its room alone, and without a reason or an end says neither', async () => {
    const { olga, room } = await roomOfOlga('hello');
    const { room: other } = await join(olga, freshName());
    const bob = await come('bob', room.name);
    await link(bob, other).click();
    await bob.page.locator('#room-title').getByText(other.name).waitFor();
    await bob.page.locator('#messages .start').waitFor();
    await mute(olga, room);
    await bob.send('not muted here');
    await link(bob, room).click();
    await silence(bob, /^olga has muted you in this room\.$/);
    assert.equal(await isWritable(bob), false);
    await link(bob, other).click();
    await bob.send('nor now');
    assert.equal(await bob.page.locator('#silence').textContent(), '');
  });

  it('ends by itself, and the page finds out', async () => {
    const { olga, room } = await roomOfOlga('hello');
    const bob = await come('bob', room.name);
    const until = new Date(Date.now() + 3_000).toISOString();
    await mute(olga, room, { until });
    await silence(bob, /^olga has muted you/);
    await bob.until(() => !document.querySelector('#content').disabled);
    await bob.send('better now');
  });

  it('that began while the user was away is said as soon as they come', async () => {
    const { olga, room } = await roomOfOlga('hello');
    await mute(olga, room, { reason: 'too loud' });
    const bob = await come('bob', room.name);
    await silence(bob, /^olga has muted you in this room: too loud$/);
    assert.equal(await isWritable(bob), false);
    await unmute(olga, room);
    await bob.until(() => !document.querySelector('#content').disabled);
    await bob.send('thank you');
  });

  it('that is found out by a message that waited keeps the message', async () => {
    const { room } = await roomOfOlga('hello');
    const bob = await come('bob', room.name);
    await writeWhileAway(bob, 'from away', (olga) => mute(olga, room));
    await bob.page.locator('.failed .fate').getByText('Not sent: you are muted').waitFor();
    await silence(bob, /^olga has muted you in this room\.$/);
    await unmute(await enter('olga'), room);
    await bob.until(() => !document.querySelector('#content').disabled);
    await bob.page.getByRole('button', { name: 'Try again' }).click();
    await bob.nothingWaits();
    await bob.sees('from away');
  });

  it('has no fault on a phone in the dark, however long the reason', async () => {
    const { olga, room } = await roomOfOlga('hello');
    const options = { colorScheme: 'dark', viewport: phone, hasTouch: true, isMobile: true };
    const bob = await come('bob', room.name, options);
    await mute(olga, room, { reason: 'w'.repeat(200) });
    await silence(bob, /w{200}$/);
    await assertNoFault(bob, 'muted');
    assert.equal(await bob.page.evaluate(() => document.documentElement.scrollWidth), phone.width);
  });
});

describe('A token that may only read', () => {
  it('is told so at the first letter', async () => {
    const { room } = await roomOfOlga('hello');
    const rita = await come('rita', room.name, { claims: { scope: 'read' } });
    await rita.composer.pressSequentially('I');
    await rita.page.locator('#silence').getByText('You cannot write here').waitFor();
    assert.equal(await isWritable(rita), false);
  });
});
