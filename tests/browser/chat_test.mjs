// People in a room: what one writes, types and does, the other sees.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, request } from '../e2e/support.mjs';
import { closeClients, connect, join } from '../e2e/clients.mjs';
import { hs256, inSeconds, secret, token } from '../e2e/tokens.mjs';
import { allLeave, ensureRoom, inRoom, openBrowser, person } from './pages.mjs';

let server;
let browser;
const people = [];
before(async () => {
  server = await Server.start({ args: ['--typing-timeout', '700ms'] });
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
const visit = async (options) => {
  const someone = await person(browser, server, options);
  people.push(someone);
  return someone;
};
const typingIs = (someone, text) =>
  someone.until((wanted) => document.querySelector('#typing').textContent === wanted, text);

describe('Two people', () => {
  it('talk, see who is there, and who has left', async () => {
    const room = freshName();
    const [ana, ben] = await Promise.all([come('Ana', room), come('Ben', room)]);
    await ana.until(() => document.querySelector('#room-count').textContent === '2 here');
    await ana.write('Hello, Ben');
    await ben.sees('Hello, Ben');
    await ben.write('Hello, Ana');
    await ana.sees('Hello, Ana');
    await ana.nothingWaits();
    const authors = await ana.page.locator('#messages .author').allTextContents();
    assert.deepEqual(authors, ['Ana', 'Ben']);
    await ben.page.close();
    await ana.until(
      () => document.querySelector('#member-lists .is-away bdi')?.textContent === 'Ben',
    );
  });

  it('see each other type, for as long as that lasts', async () => {
    const room = freshName();
    const [ana, ben] = await Promise.all([come('Ana', room), come('Ben', room)]);
    // It may be over before anybody could look.
    await ana.page.evaluate(() => {
      const typing = document.querySelector('#typing');
      globalThis.said = [];
      const note = () => said.push(typing.textContent);
      new MutationObserver(note).observe(typing, { childList: true });
    });
    await ben.composer.pressSequentially('H');
    await ana.until(() => said.length === 2);
    assert.deepEqual(await ana.page.evaluate(() => said), ['Ben is typing…', '']);
    await ben.composer.fill('Hello');
    await ben.composer.press('Enter');
    await ana.sees('Hello');
    await typingIs(ana, '');
  });

  it('see who of several others types', async () => {
    const room = freshName();
    const unhurried = await Server.start();
    const ana = await inRoom(browser, unhurried, 'Ana', room);
    const sockets = [];
    for (const username of ['Ben', 'Cem', 'Dora']) {
      const socket = await connect(unhurried, { username });
      await join(socket, room);
      sockets.push(socket);
    }
    const types = (i, isTyping) => sockets[i].emit('typing', { room, is_typing: isTyping });
    types(0, true);
    await typingIs(ana, 'Ben is typing…');
    types(1, true);
    await typingIs(ana, 'Ben and Cem are typing…');
    types(2, true);
    await typingIs(ana, 'Several people are typing…');
    types(0, false);
    await typingIs(ana, 'Cem and Dora are typing…');
    await ana.page.context().close();
    closeClients();
    await unhurried.stop();
  });

  it('find what the other wrote grouped by author and day', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    for (const text of ['one', 'two']) await ana.send(text);
    const rows = await ana.page
      .locator('#messages .row')
      .evaluateAll((all) => all.map((row) => row.className));
    assert.deepEqual(
      rows.map((name) => name.split(' ').slice(1).join(' ')),
      ['note start', 'divider day', 'message mine', 'message continued mine'],
    );
  });
});

describe('A message', () => {
  it('stays text, whatever markup it looks like', async () => {
    const room = freshName();
    const [ana, ben] = await Promise.all([come('Ana', room), come('Ben <b>x</b>', room)]);
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>&lt;b&gt;';
    await ben.write(evil);
    await ana.sees(evil);
    assert.equal(await ana.page.locator('#messages img, #messages script, #messages b').count(), 0);
    assert.equal(await ana.page.locator('#members-pane b').count(), 0);
    assert.match(await ana.page.title(), /Hubbub$/);
  });

  it('has links for addresses of the web, and for nothing else', async () => {
    const ana = await come('Ana', freshName());
    await ana.write('see https://example.org/a?b=1&c=(2), javascript:alert(1) and http://[bad');
    const links = ana.page.locator('#messages .content a');
    await links.first().waitFor();
    const seen = await links.evaluateAll((all) =>
      all.map(({ href, rel, target }) => ({ href, rel, target })),
    );
    const href = 'https://example.org/a?b=1&c=(2)';
    assert.deepEqual(seen, [{ href, rel: 'noopener noreferrer nofollow', target: '_blank' }]);
  });

  it('keeps its lines, and Enter sends while Shift and Enter do not', async () => {
    const ana = await come('Ana', freshName());
    await ana.composer.pressSequentially('one');
    await ana.composer.press('Shift+Enter');
    await ana.composer.pressSequentially('two');
    await ana.composer.press('Enter');
    await ana.page.locator('#messages .content').waitFor();
    assert.equal(await ana.page.locator('#messages .content').innerText(), 'one\ntwo');
    assert.equal(await ana.composer.inputValue(), '');
  });

  it('that is too long is told before it is sent', async () => {
    const ana = await come('Ana', freshName());
    await ana.composer.fill('x'.repeat(4001));
    await ana.composer.press('Enter');
    assert.equal(await ana.page.locator('#content-note').textContent(), '1 characters too many');
    assert.equal((await ana.composer.inputValue()).length, 4001);
  });
});

describe('A name', () => {
  it('is all that is asked for, and is remembered with the room', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    await ana.send('still here?');
    await ana.page.reload();
    await ana.online();
    await ana.sees('still here?');
    assert.equal(await ana.page.locator('#my-name').textContent(), 'Ana');
    await ana.page.goto(server.url);
    await ana.sees('still here?');
    assert.ok(ana.page.url().endsWith(`#/room/${room}`));
  });

  it('that is missing, too long or refused is asked for again, with the reason', async () => {
    const ana = await visit();
    const error = () => ana.page.locator('#entrance-error').textContent();
    await ana.enter('  ');
    assert.equal(await error(), 'A name is needed.');
    await ana.enter('x'.repeat(65));
    assert.equal(await error(), 'At most 64 characters.');
    await ana.enter('bad\u0007name');
    await ana.until(() => /[a-z]/.test(document.querySelector('#entrance-error').textContent));
    await ana.page.locator('#entrance').waitFor();
    await ana.enter('Ana');
    await ana.page.locator('#app').waitFor();
    await ana.until(() => document.querySelector('#app').dataset.state === 'online');
  });

  it('can be changed, or not, and the rooms stay', async () => {
    const [room, other] = [freshName(), freshName()];
    const ana = await come('Ana', room);
    await ensureRoom(server, other);
    await ana.page.evaluate((name) => (location.hash = `#/room/${name}`), other);
    await ana.send('as Ana');
    const change = () => ana.page.locator('#change-identity').click();
    const field = ana.page.locator('#identity-name');
    const error = ana.page.locator('#identity-error');
    await change();
    assert.equal(await field.inputValue(), 'Ana');
    await ana.page.locator('#identity-cancel').click();
    assert.equal(await field.isVisible(), false);
    // Nobody has left.
    assert.equal((await server.get(`/api/rooms?q=${other}`)).body.rooms[0].members_total, 1);
    await change();
    await field.fill(' ');
    await field.press('Enter');
    assert.equal(await error.textContent(), 'A name is needed.');
    await field.fill('x'.repeat(65));
    await field.press('Enter');
    assert.equal(await error.textContent(), 'At most 64 characters.');
    await field.fill('Anna');
    await field.press('Enter');
    await ana.page.locator('#my-name').getByText('Anna').waitFor();
    await ana.online();
    await ana.send('as Anna');
    assert.equal(await ana.page.locator('#room-title').textContent(), other);
    const mine = ana.page.locator('ul[aria-labelledby=rooms-your-rooms] a');
    await mine.nth(1).waitFor();
    const names = await mine.evaluateAll((links) => links.map((link) => link.dataset.room));
    assert.deepEqual(names.sort(), [room, other].sort());
    const authors = await ana.page.locator('#messages .author').allTextContents();
    assert.deepEqual(authors, ['Ana', 'Anna']);
  });
});

describe('A server that wants tokens', () => {
  let wanting;
  before(async () => {
    wanting = await Server.start({
      env: { HUBBUB_JWT_SECRET: secret },
      args: ['--jwt-leeway', '0'],
    });
  });
  after(() => wanting?.stop());
  const createRoom = async () => {
    const name = freshName();
    const authorization = `Bearer ${token({ sub: 'owner' })}`;
    const { status } = await request(wanting, 'POST', '/api/rooms', { name }, { authorization });
    assert.equal(status, 201);
    return name;
  };

  it('is shown one, and takes the name from it', async () => {
    const room = await createRoom();
    const zoe = await person(browser, wanting, { path: `/#/room/${room}` });
    people.push(zoe);
    const { page } = zoe;
    await page.getByLabel('Your token').fill('nonsense');
    await page.keyboard.press('Enter');
    await page.getByText('This is not a token.').waitFor();
    // The server has to refuse a forged one; the page asks again.
    await zoe.enter(token({ sub: 'u-1', name: 'Zoë' }, { sign: hs256('x'.repeat(32)) }));
    await page.locator('#entrance-error').getByText('signature').waitFor();
    await zoe.enter(token({ sub: 'u-1', name: 'Zoë' }));
    await zoe.online();
    await page.locator('#my-name').getByText('Zoë').waitFor();
    await zoe.send('hello');
    const reader = await connect(wanting, { auth: { token: token({ sub: 'u-2' }) } });
    const { messages } = await join(reader, room);
    assert.deepEqual(
      messages.map(({ user_id, username, content }) => [user_id, username, content]),
      [['u-1', 'Zoë', 'hello']],
    );
    // The page's HTTP requests carry the token too.
    await page.locator(`#room-lists a[data-room="${room}"]`).waitFor();
    await page.reload();
    await zoe.online();
  });

  it('is forgotten when its bearer wants to go, and not before', async () => {
    const zoe = await person(browser, wanting, { path: `/#/room/${await createRoom()}` });
    people.push(zoe);
    await zoe.enter(token({ sub: 'u-1', name: 'Zoë' }));
    await zoe.online();
    await zoe.page.getByRole('button', { name: 'Sign out' }).click();
    await zoe.page.keyboard.press('Enter'); // on Cancel
    await zoe.send('still here');
    await zoe.page.getByRole('button', { name: 'Sign out' }).click();
    await zoe.page.locator('#identity-done').click();
    await zoe.page.getByLabel('Your token').waitFor();
    assert.equal(await zoe.page.getByLabel('Your token').inputValue(), '');
  });

  it('is asked anew when the token expires, and goes on where it was', async () => {
    const room = await createRoom();
    const ann = await person(browser, wanting, { path: `/#/room/${room}` });
    people.push(ann);
    await ann.enter(token({ sub: 'ann', exp: inSeconds(10) }));
    await ann.online();
    await ann.send('before');
    await ann.page.locator('#entrance-error').getByText('expired').waitFor();
    await ann.enter(token({ sub: 'ann' }));
    await ann.online();
    await ann.sees('before');
    await ann.send('after');
  });
});
