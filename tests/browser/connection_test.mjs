// The page shows the true state of the connection, and its loss loses nothing.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from '../e2e/support.mjs';
import { closeClients, connect, join, sendMany } from '../e2e/clients.mjs';
import { allLeave, inRoom, openBrowser } from './pages.mjs';

// High enough for all of a test's messages to be drawn.
const tall = { viewport: { width: 1100, height: 2400 } };

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
afterEach(async () => {
  closeClients();
  await allLeave(people);
});

const come = async (name, room) => {
  const someone = await inRoom(browser, server, name, room, tall);
  people.push(someone);
  return someone;
};
const state = (someone, wanted) =>
  someone.until((expected) => document.querySelector('#app').dataset.state === expected, wanted);
const contents = (someone) => someone.page.locator('#messages .content').allTextContents();
const roomId = async (name) => (await server.get(`/api/rooms?q=${name}`)).body.rooms[0].id;

describe('A server that is killed and started again', () => {
  it('has from both writers all they wrote before, meanwhile and after, once and in one order', async () => {
    const room = freshName();
    const [ana, ben] = await Promise.all([come('Ana', room), come('Ben', room)]);
    const write = async (someone, name) => {
      for (let i = 0; i < 12; ++i) await someone.write(`${name} ${i}`);
    };
    const written = [write(ana, 'a'), write(ben, 'b')];
    await ana.sees('b 3');
    await server.kill();
    await Promise.all(written);
    await Promise.all([state(ana, 'offline'), state(ben, 'offline')]);
    await Promise.all([ana.write('a meanwhile'), ben.write('b meanwhile')]);
    await ana.page
      .locator('#banner')
      .getByText(/^No connection; trying again. .*to be sent.$/)
      .waitFor();
    await server.restart();
    await Promise.all([state(ana, 'online'), state(ben, 'online')]);
    await Promise.all([ana.write('a after'), ben.write('b after')]);
    for (const someone of [ana, ben]) {
      await Promise.all([someone.sees('a after'), someone.sees('b after')]);
      await someone.nothingWaits();
    }
    const stored = (await server.history(await roomId(room))).map((message) => message.content);
    assert.deepEqual([await contents(ana), await contents(ben)], [stored, stored]);
    assert.equal(stored.length, 28);
    assert.equal(new Set(stored).size, 28);
    assert.equal(await ana.page.locator('#banner').textContent(), '');
  });
});

describe('What was not sent yet', () => {
  it('survives a reload and is sent once', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    await ana.send('before');
    await server.kill();
    await state(ana, 'offline');
    await ana.write('one');
    await ana.write('two');
    await ana.page.locator('.waiting').nth(1).waitFor();
    await server.restart();
    await ana.page.reload();
    await ana.online();
    await ana.sees('two');
    await ana.nothingWaits();
    const stored = (await server.history(await roomId(room))).map((message) => message.content);
    assert.deepEqual(stored, ['before', 'one', 'two']);
    assert.deepEqual(await contents(ana), stored);
  });

  it('and is refused stands there with the reason, to be tried again or discarded', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    // The page knows the limit, so only a server with another one can refuse it.
    await server.stop();
    server.args = ['--max-content', '10'];
    await server.restart();
    await state(ana, 'online');
    await ana.write('far longer than ten');
    await ana.page
      .locator('.failed')
      .getByText(/^Not sent: /)
      .waitFor();
    await server.stop();
    server.args = [];
    await server.restart();
    await state(ana, 'online');
    await ana.page.getByRole('button', { name: 'Try again' }).click();
    await ana.nothingWaits();
    assert.equal((await server.history(await roomId(room))).length, 1);
  });
});

describe('What was missed', () => {
  const writeElsewhere = async (room, count) => {
    const other = await Server.start({
      database: server.database,
      args: ['--durability', 'normal'],
    });
    const mira = await connect(other, { username: 'Mira' });
    await join(mira, room);
    await sendMany(mira, room, count, { text: (i) => `missed ${i}` });
    closeClients();
    await other.stop();
  };

  it('is asked for on return and shown without a gap', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    await ana.send('before');
    await server.kill();
    await writeElsewhere(room, 5);
    await server.restart();
    await ana.sees('missed 4');
    assert.deepEqual(await contents(ana), ['before', ...[0, 1, 2, 3, 4].map((i) => `missed ${i}`)]);
    assert.equal(await ana.page.locator('.gap').count(), 0);
  });

  it('and is too much to be given whole is marked as a gap, which can be filled', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    await ana.send('before');
    await server.kill();
    await writeElsewhere(room, 1100);
    await server.restart();
    await ana.sees('missed 1099');
    const frame = ana.page.locator('#messages');
    await frame.evaluate((element) => (element.scrollTop = 0));
    await ana.page.locator('.gap').getByText('1050 messages are missing here.').waitFor();
    const load = ana.page.locator('.gap button');
    for (let left = 850; left > 0; left -= 200) {
      await load.click();
      await ana.until((count) => {
        document.querySelector('#messages').scrollTop = 0;
        return document.querySelector('.gap')?.textContent.startsWith(`${count} `);
      }, left);
    }
    await load.click();
    await ana.until(() => {
      document.querySelector('#messages').scrollTop = 0;
      return document.querySelector('.message + .message') && !document.querySelector('.gap');
    });
    await ana.sees('missed 0');
    await ana.sees('before');
  });

  it('and lies in another history is not mixed with what was known', async () => {
    const room = freshName();
    const ana = await come('Ana', room);
    for (const text of ['one', 'two', 'three']) await ana.send(text);
    const { database } = server;
    await server.kill();
    const fresh = new Server({});
    server.database = fresh.database;
    await server.restart();
    await ana.page.getByText('The history of this room starts over here.').waitFor();
    await ana.send('anew');
    assert.deepEqual(await contents(ana), ['anew']);
    await server.stop();
    server.database = database;
    await server.restart();
  });
});
