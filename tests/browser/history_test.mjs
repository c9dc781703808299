// Long rooms: reading back through them, and how little of them is in the document.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from '../e2e/support.mjs';
import { closeClients, connect, join, sendMany } from '../e2e/clients.mjs';
import { allLeave, inRoom, openBrowser } from './pages.mjs';

const MOST_DRAWN = 150;

let server;
let browser;
const people = [];
before(async () => {
  // Ten thousand messages from one socket are more than its rate allows.
  const args = ['--durability', 'normal', '--rate-events-per-socket', 'off'];
  server = await Server.start({ args });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(() => allLeave(people));

/// Makes a room with this many messages, every seventh of them of several lines, and somebody in
/// it.
async function longRoom(count) {
  const room = freshName();
  const mira = await connect(server, { username: 'Mira' });
  await join(mira, room);
  const text = (i) => `m${i}${i % 7 === 0 ? '\nof\nseveral lines' : ''}`;
  await sendMany(mira, room, count, { window: 64, text });
  closeClients();
  const ana = await inRoom(browser, server, 'Ana', room);
  people.push(ana);
  await ana.until(
    (last) =>
      document.querySelector('#messages article:last-child .content')?.textContent.startsWith(last),
    `m${count - 1}`,
  );
  return ana;
}

/// Returns how many rows are drawn in the page, and the numbers of the messages among them.
const drawn = (someone) =>
  someone.page.evaluate(() => {
    const numbers = [...document.querySelectorAll('#messages .content')].map((each) =>
      Number(/\d+/.exec(each.textContent)[0]),
    );
    return { rows: document.querySelectorAll('#messages .row').length, numbers };
  });

function assertRun({ rows, numbers }) {
  assert.ok(rows <= MOST_DRAWN, `${rows} rows are drawn`);
  numbers.forEach((number, i) => assert.equal(number, numbers[0] + i, `after ${numbers[i - 1]}`));
}

describe('A room of 2,000 messages', () => {
  it('is read back to its beginning without a hole and without a jump', async () => {
    const ana = await longRoom(2000);
    const seen = await ana.page.evaluate(async () => {
      const frame = document.querySelector('#messages');
      const numbers = new Set();
      const jumps = [];
      const topOf = (article) => article.getBoundingClientRect().top;
      const frameOver = () =>
        new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const note = () => {
        for (const each of document.querySelectorAll('#messages .content'))
          numbers.add(Number(/\d+/.exec(each.textContent)[0]));
      };
      note();
      while (!document.querySelector('#messages .start') || frame.scrollTop > 0) {
        const before = frame.scrollTop;
        frame.scrollTop = Math.max(0, before - 900);
        // Where the reader is now must not move, whatever is loaded above.
        await frameOver();
        const top = frame.getBoundingClientRect().top;
        const watched = [...document.querySelectorAll('#messages article')].find(
          (each) => topOf(each) >= top + 100,
        );
        const place = topOf(watched);
        await frameOver();
        await frameOver();
        if (watched.isConnected && Math.abs(topOf(watched) - place) > 1)
          jumps.push([watched.textContent, topOf(watched) - place]);
        note();
      }
      return { numbers: [...numbers].sort((a, b) => a - b), jumps };
    });
    assert.deepEqual(seen.jumps, []);
    assert.deepEqual(
      seen.numbers,
      Array.from({ length: 2000 }, (_, i) => i),
    );
    assertRun(await drawn(ana));
  });

  it('keeps the reader in place when a message comes, and leads back to it', async () => {
    const ana = await longRoom(300);
    const frame = ana.page.locator('#messages');
    // The first page is short, and its end near; the second one leaves room on both sides.
    await ana.until(() => document.querySelector('#messages').scrollHeight > 5000);
    await frame.evaluate((element) => (element.scrollTop = 2500));
    await ana.page.locator('#to-latest').waitFor();
    const place = () =>
      frame.evaluate((element) =>
        [...element.querySelectorAll('article')].map((each) => [
          each.textContent,
          each.getBoundingClientRect().top,
        ]),
      );
    const before = await place();
    const room = await ana.page.locator('#room-title').textContent();
    await server.post('/messages', { room, content: 'm300', username: 'Mira' });
    await ana.page.locator('#to-latest').getByText('1 new message').waitFor();
    assert.deepEqual(await place(), before);
    await ana.page.locator('#to-latest').click();
    await ana.sees('m300');
  });
});

describe('The newest message', () => {
  it('stays in view when its frame gets smaller in the very moment in which it scrolls', async () => {
    const ana = await longRoom(60);
    const below = await ana.page.evaluate(async () => {
      const frame = document.querySelector('#messages');
      frame.scrollTop -= 1;
      document.querySelector('#composer').style.paddingBottom = '200px';
      for (let i = 0; i < 4; ++i) await new Promise((resolve) => requestAnimationFrame(resolve));
      return frame.scrollHeight - frame.clientHeight - frame.scrollTop;
    });
    assert.ok(below < 2, `${below} px are below`);
  });
});

describe('A room of 10,000 messages', () => {
  it('has only what is near the viewport in the document, wherever one looks', async (t) => {
    const ana = await longRoom(10_000);
    assertRun(await drawn(ana));
    const frame = ana.page.locator('#messages');
    const slowest = await frame.evaluate(async (element) => {
      let longest = 0;
      while (!element.querySelector('.start')) {
        const from = performance.now();
        element.scrollTop = 0;
        element.dispatchEvent(new Event('scroll'));
        longest = Math.max(longest, performance.now() - from);
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      }
      return longest;
    });
    t.diagnostic(`the slowest of all steps took ${slowest.toFixed(1)} ms`);
    for (const part of [0, 0.25, 0.5, 0.75, 1]) {
      await frame.evaluate((element, where) => {
        element.scrollTop = where * (element.scrollHeight - element.clientHeight);
        return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      }, part);
      const here = await drawn(ana);
      assertRun(here);
      const wanted = part * 9999;
      assert.ok(
        Math.abs(here.numbers[Math.floor(here.numbers.length / 2)] - wanted) < 500,
        `${part}: ${here.numbers}`,
      );
    }
  });
});
