// Editing and deleting one's own messages, where the server offers it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from '../e2e/support.mjs';
import { ask, closeClients, connect, join } from '../e2e/clients.mjs';
import { allLeave, assertNoFault, inRoom, openBrowser, phone } from './pages.mjs';

let server;
let browser;
const people = [];
before(async () => {
  server = await Server.start({ args: ['--open-edit'] });
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

const come = async (name, room, options) => {
  const someone = await inRoom(browser, server, name, room, options);
  people.push(someone);
  return someone;
};
const article = (someone, text) => someone.page.locator('article').filter({ hasText: text });
const focused = (someone) => someone.page.evaluate(() => document.activeElement.id);

describe('One of my messages', () => {
  it('is edited where messages are written, for everyone, and keeps what was begun', async () => {
    const room = freshName();
    const [ana, ben] = await Promise.all([come('Ana', room), come('Ben', room)]);
    await ana.send('helo');
    await ana.send('another');
    await ana.composer.fill('begun');
    await article(ana, 'helo').hover();
    await article(ana, 'helo').getByRole('button', { name: 'Edit' }).click();
    assert.equal(await ana.composer.inputValue(), 'helo');
    await ana.composer.fill('hello');
    await ana.composer.press('Enter');
    await ana.sees('hello (edited)');
    await ben.sees('hello (edited)');
    await ana.until(() => document.querySelector('#editing').hidden);
    assert.equal(await ana.composer.inputValue(), 'begun');
    assert.equal(await focused(ana), 'content');
    assert.deepEqual(await ben.messages.locator('.content').allTextContents(), [
      'hello (edited)',
      'another',
    ]);
    await ben.page.reload();
    await ben.sees('hello (edited)');
  });

  it('is edited with the keyboard alone, or left as it was', async () => {
    const ana = await come('Ana', freshName());
    await ana.send('first');
    await ana.send('secnd');
    await ana.composer.press('ArrowUp');
    assert.equal(await ana.composer.inputValue(), 'secnd');
    await assertNoFault(ana, 'editing');
    await ana.composer.fill('nonsense');
    await ana.composer.press('Escape');
    assert.equal(await ana.composer.inputValue(), '');
    await ana.composer.press('ArrowUp');
    await ana.composer.fill('second');
    await ana.composer.press('Enter');
    await ana.sees('second (edited)');
    await ana.messages.focus();
    await ana.page.keyboard.press('ArrowUp');
    await ana.page.keyboard.press('ArrowUp');
    await ana.page.keyboard.press('Tab');
    await assertNoFault(ana, 'the buttons of a message');
    await ana.page.keyboard.press('Enter');
    await ana.until(() => document.querySelector('#content').value === 'first');
    await ana.sees('first');
  });

  it('says why it could not be saved, and nothing that was written is lost', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    await ana.send('mine');
    await ana.composer.press('ArrowUp');
    const other = await connect(server, { username: 'Ana' });
    await join(other, room);
    await ask(other, 'delete_message', { room, seq: 1 });
    await ana.page.getByText('This message was deleted.').waitFor();
    await ana.composer.fill('mine, better');
    await ana.composer.press('Enter');
    await ana.page
      .locator('#content-note')
      .getByText(/^Not saved: /)
      .waitFor();
    assert.equal(await ana.composer.inputValue(), 'mine, better');
  });

  it('is deleted for everyone, after a question', async () => {
    const room = freshName();
    const [ana, ben] = await Promise.all([come('Ana', room), come('Ben', room)]);
    await ana.send('one');
    await ana.send('two');
    const dialog = ana.page.locator('#delete-dialog');
    const open = async () => {
      await article(ana, 'two').hover();
      await article(ana, 'two').getByRole('button', { name: 'Delete' }).click();
    };
    await open();
    await assertNoFault(ana, 'the question');
    assert.equal(await dialog.locator('#delete-excerpt').textContent(), 'two');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await ana.sees('two');
    await open();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    for (const someone of [ana, ben]) await someone.sees('This message was deleted.');
    await dialog.waitFor({ state: 'hidden' });
    await ana.until(() => document.activeElement.textContent.includes('was deleted'));
    await ana.page.keyboard.press('ArrowUp');
    await ana.until(() => document.activeElement.textContent.includes('one'));
    assert.equal(await ana.page.locator('article').last().getByRole('button').count(), 0);
    assert.equal(await ana.messages.getByText('two', { exact: true }).count(), 0);
  });
});

describe('Messages', () => {
  it('of others cannot be changed', async () => {
    const room = freshName();
    await server.post('/messages', { room, username: 'Mira', content: 'not yours' });
    const ana = await come('Ana', room);
    await article(ana, 'not yours').hover();
    assert.equal(await article(ana, 'not yours').getByRole('button').count(), 0);
    await ana.composer.press('ArrowUp');
    assert.equal(await ana.composer.inputValue(), '');
  });

  it('cannot be changed where the server does not offer it', async () => {
    const plain = await Server.start();
    const ana = await inRoom(browser, plain, 'Ana', freshName());
    await ana.send('as it is');
    assert.equal(await ana.page.locator('article .changes').count(), 0);
    await ana.composer.press('ArrowUp');
    assert.equal(await ana.composer.inputValue(), '');
    await ana.page.context().close();
    await plain.stop();
  });

  it('that changed while the connection was lost are shown as they are now', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    for (const content of ['one', 'two'])
      await server.post('/messages', { room, username: 'Mira', content });
    await ana.sees('two');
    await server.kill();
    const other = await Server.start({ database: server.database, args: server.args });
    const mira = await connect(other, { username: 'Mira' });
    await join(mira, room);
    await ask(mira, 'edit_message', { room, seq: 1, content: 'one, better' });
    await ask(mira, 'delete_message', { room, seq: 2 });
    closeClients();
    await other.stop();
    await server.restart();
    await ana.sees('one, better (edited)');
    await ana.sees('This message was deleted.');
  });
});

describe('On a phone, where nothing hovers, a message', () => {
  const options = {
    viewport: phone,
    hasTouch: true,
    isMobile: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  };
  const more = (someone, text) => article(someone, text).getByRole('button', { name: 'More' }).tap();
  const choose = (someone, name) =>
    someone.page.locator('#actions-dialog').getByRole('button', { name, exact: true }).tap();
  const copied = (someone) => someone.page.evaluate(() => navigator.clipboard.readText());

  it('of somebody else can be copied, or a link to it', async () => {
    const room = freshName();
    await server.post('/messages', { room, username: 'Mira', content: 'of Mira' });
    const ana = await come('Ana', room, options);
    await more(ana, 'of Mira');
    for (const name of ['Edit', 'Delete'])
      assert.equal(await ana.page.getByRole('button', { name, exact: true }).count(), 0);
    await choose(ana, 'Copy the text');
    await ana.page.locator('#announcer').getByText('The text was copied.').waitFor({ state: 'attached' });
    assert.equal(await copied(ana), 'of Mira');
    await more(ana, 'of Mira');
    await choose(ana, 'Copy a link to it');
    await ana.page.locator('#announcer').getByText('The link was copied.').waitFor({ state: 'attached' });
    assert.equal(await copied(ana), `${server.url}/#/room/${room}/at/1`);
  });

  it('of mine can be edited and deleted', async () => {
    const ana = await come('Ana', freshName(), options);
    await ana.send('helo');
    await more(ana, 'helo');
    await choose(ana, 'Cancel');
    await more(ana, 'helo');
    await choose(ana, 'Edit');
    await ana.until(() => document.activeElement.id === 'content');
    assert.equal(await ana.composer.inputValue(), 'helo');
    await ana.composer.fill('hello');
    await ana.page.getByRole('button', { name: 'Save' }).tap();
    await article(ana, 'hello').locator('.edited').waitFor();
    await more(ana, 'hello');
    await choose(ana, 'Delete');
    await ana.page.locator('#delete-dialog').getByRole('button', { name: 'Delete' }).tap();
    await ana.sees('This message was deleted.');
    assert.equal(await ana.page.getByRole('button', { name: 'More' }).count(), 0);
  });
});
