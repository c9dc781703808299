// Finding messages, and going to them, wherever in history they are.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from '../e2e/support.mjs';
import { closeClients, connect, join, sendMany } from '../e2e/clients.mjs';
import { allLeave, assertNoFault, inRoom, openBrowser, phone } from './pages.mjs';

let server;
let browser;
const people = [];
before(async () => {
  server = await Server.start({ args: ['--durability', 'normal'] });
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
const search = async (someone, text) => {
  await someone.page.locator('#show-search').click();
  await someone.page.locator('#search-text').fill(text);
};
const status = (someone, text) =>
  someone.page.locator('#search-status').getByText(text, { exact: true }).waitFor();
const results = (someone) => someone.page.locator('.result');
const isPointedAt = (someone, text) =>
  someone.until(
    (wanted) => document.activeElement.querySelector('.content')?.textContent === wanted,
    text,
  );

/// Makes a room with this many messages, `m0` and on.
async function longRoom(count) {
  const room = freshName();
  const mira = await connect(server, { username: 'Mira' });
  await join(mira, room);
  await sendMany(mira, room, count, { window: 64 });
  closeClients();
  return room;
}

describe('A search', () => {
  it('in one room is repeated in the next one, also if that is joined only then', async () => {
    const [here, there] = [freshName(), freshName()];
    const word = freshName('yak').replaceAll('-', '');
    await say(here, `one ${word} here`);
    await say(there, `another ${word} there`);
    const ana = await come('Ana', here);
    await search(ana, word);
    await ana.page.locator('#search-where').selectOption('room');
    await status(ana, 'One result');
    await ana.page.locator(`#room-lists a[data-room="${there}"]`).click();
    await results(ana).getByText(`another ${word} there`).waitFor();
    assert.equal(await results(ana).count(), 1);
  });

  it('finds what was said in all rooms or in one, and shows where it matches', async () => {
    const [here, there] = [freshName(), freshName()];
    const word = freshName('zebra').replaceAll('-', '');
    await say(here, `one ${word} here`);
    await say(there, `<b>another</b> ${word} <img src=x> there`);
    const ana = await come('Ana', here);
    await search(ana, word);
    await status(ana, '2 results');
    assert.deepEqual(await ana.page.locator('.result mark').allTextContents(), [word, word]);
    assert.equal(await ana.page.locator('.result b, .result img').count(), 0);
    assert.deepEqual(await ana.page.locator('.result .where').allTextContents(), [`# ${there}`]);
    await assertNoFault(ana, 'results');
    await ana.page.getByLabel('Where to search').selectOption('room');
    await status(ana, 'One result');
    await ana.page.locator('#search-text').fill(`${word} nowhere`);
    await status(ana, 'Nothing was found.');
    await ana.page.getByRole('button', { name: 'Close the search' }).click();
    await ana.page.locator('#members-pane').waitFor();
  });

  it('gives more of what it found when asked', async () => {
    const room = freshName();
    const word = freshName('yak').replaceAll('-', '');
    for (let i = 0; i < 25; ++i) await say(room, `${word} ${i}`);
    const ana = await come('Ana', room);
    await search(ana, word);
    await status(ana, 'The first 20 results');
    await ana.page.getByRole('button', { name: 'Show more' }).focus();
    await ana.page.keyboard.press('Enter');
    await status(ana, '25 results');
    assert.equal(new Set(await results(ana).allTextContents()).size, 25);
    assert.ok(await ana.page.evaluate(() => document.activeElement.matches('.result')));
  });

  it('leads to another room by the keyboard alone', async () => {
    const [here, there] = [freshName(), freshName()];
    const word = freshName('newt').replaceAll('-', '');
    await say(there, `where is the ${word}`);
    const ana = await come('Ana', here);
    await ana.page.keyboard.press('Control+Shift+F');
    await ana.page.keyboard.type(word);
    await status(ana, 'One result');
    await ana.page.keyboard.press('ArrowDown');
    await ana.page.keyboard.press('Enter');
    await isPointedAt(ana, `where is the ${word}`);
    assert.equal(await ana.page.locator('#room-title').textContent(), there);
  });

  it('fills a phone, and Back returns to it', async () => {
    const room = freshName();
    const word = freshName('ibis').replaceAll('-', '');
    await say(room, `an ${word}`);
    const ana = await come('Ana', room, { viewport: phone, hasTouch: true, isMobile: true });
    await search(ana, word);
    await results(ana).first().tap();
    await ana.page.locator('#room-pane').waitFor();
    await isPointedAt(ana, `an ${word}`);
    await ana.page.goBack();
    await results(ana).first().waitFor();
    await ana.page.locator('#search-back').tap();
    await ana.page.locator('#room-pane').waitFor();
  });

  it('is not shown where the server does not offer it', async () => {
    const ana = await come('Ana', freshName(), { offers: ['client_id'] });
    assert.equal(await ana.page.locator('#show-search').isVisible(), false);
    await ana.page.keyboard.press('Control+Shift+F');
    assert.equal(await ana.page.locator('#search-pane').isVisible(), false);
  });
});

describe('A message far back', () => {
  it('is shown at once, and history closes around it as one reads on', async () => {
    const room = await longRoom(1500);
    const ana = await come('Ana', room);
    await ana.sees('m1499');
    await search(ana, 'm321');
    await results(ana).first().click();
    await isPointedAt(ana, 'm321');
    const seen = await ana.page.evaluate(async () => {
      const frame = document.querySelector('#messages');
      const numbers = new Set();
      const frameOver = () =>
        new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const note = () => {
        for (const each of document.querySelectorAll('#messages .content'))
          numbers.add(Number(each.textContent.slice(1)));
      };
      // Where more is being loaded, a reader who goes on at once leaves out what comes there.
      const read = async () => {
        do await frameOver();
        while (document.querySelector('#messages .older'));
      };
      const last = () => document.querySelector('#messages article:last-child .content');
      for (; !document.querySelector('#messages .start'); await read()) {
        frame.scrollTop -= 600;
        note();
      }
      for (; last()?.textContent !== 'm1499'; await read()) {
        frame.scrollTop += 600;
        note();
      }
      note();
      return [...numbers].sort((a, b) => a - b);
    });
    assert.deepEqual(
      seen,
      Array.from({ length: 1500 }, (_, i) => i),
    );
    assert.equal(await ana.page.locator('.gap').count(), 0);
  });

  it('is reached by its link, and the latest ones by their button', async () => {
    const room = await longRoom(700);
    const ana = await come('Ana', `${room}/at/100`);
    await isPointedAt(ana, 'm99');
    assert.ok(ana.page.url().endsWith(`#/room/${room}`));
    await ana.page.locator('#to-latest').click();
    await ana.sees('m699');
  });
});
