// What the user has read, on whatever page they read it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from '../e2e/support.mjs';
import { allLeave, ensureRoom, inRoom, openBrowser } from './pages.mjs';

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

const come = async (name, room) => {
  const someone = await inRoom(browser, server, name, room);
  people.push(someone);
  return someone;
};
const say = (room, content) => server.post('/messages', { room, content, username: 'Mira' });
const badge = (someone, room) => someone.page.locator(`#room-lists a[data-room="${room}"] .badge`);
const go = async (someone, room) => {
  await ensureRoom(server, room);
  await someone.page.evaluate((name) => (location.hash = `#/room/${name}`), room);
  await someone.until(
    (name) => document.querySelector('[aria-current]')?.dataset.room === name,
    room,
  );
};
const markerIs = (someone, room, seq) =>
  someone.until(
    async ([name, wanted]) => {
      const answer = await fetch(`/api/rooms?limit=500&user_id=Ana`);
      const { rooms } = await answer.json();
      return rooms.find((each) => each.name === name).read_seq === wanted;
    },
    [room, seq],
  );

describe('What was read', () => {
  it('on one page is read on the other', async () => {
    const [room, elsewhere] = [freshName(), freshName()];
    const [desk, phone] = [await come('Ana', room), await come('Ana', room)];
    await go(phone, elsewhere);
    await go(desk, elsewhere);
    for (const text of ['one', 'two']) await say(room, text);
    await badge(phone, room).getByText('2').waitFor();
    await badge(desk, room).getByText('2').waitFor();
    await desk.page.bringToFront();
    await go(desk, room);
    await desk.sees('two');
    await badge(phone, room).waitFor({ state: 'detached' });
    await markerIs(desk, room, 2);
  });

  it('is known to a browser that was never here', async () => {
    const room = freshName();
    await say(room, 'one');
    const desk = await come('Ana', room);
    await desk.sees('one');
    await markerIs(desk, room, 1);
    await go(desk, freshName());
    for (const text of ['two', 'three']) await say(room, text);
    await badge(desk, room).getByText('2').waitFor();
    const phone = await come('Ana', room);
    await phone.sees('three');
    const order = await phone.page
      .locator('#messages .row')
      .evaluateAll((rows) =>
        rows.map((row) => row.querySelector('.content')?.textContent ?? row.classList[2]),
      );
    assert.deepEqual(order, ['start', 'day', 'one', 'new', 'two', 'three']);
  });

  it('and then left is not counted any more', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    await say(room, 'one');
    await ana.sees('one');
    await markerIs(ana, room, 1);
    await ana.page.locator('#leave-room').click();
    await ana.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await ana.page.getByText('Hello, Ana').waitFor();
    await say(room, 'two');
    await ana.page.reload();
    await ana.page.locator(`#room-lists a[data-room="${room}"]`).waitFor();
    assert.equal(await badge(ana, room).count(), 0);
  });

  it('is counted in rooms that this browser does not know', async () => {
    const [room, elsewhere] = [freshName(), freshName()];
    const desk = await come('Ana', room);
    await say(room, 'one');
    await desk.sees('one');
    await markerIs(desk, room, 1);
    await go(desk, elsewhere);
    await say(room, 'two');
    const phone = await come('Ana', elsewhere);
    await badge(phone, room).getByText('1').waitFor();
  });
});
