// The page for people on call: the key, what is shown, what can be done, and that nobody is asked
// while nobody looks.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { freshName, within } from '../e2e/support.mjs';
import { closeClients, connect, join, send } from '../e2e/clients.mjs';
import { requestAs, startWithTokens, tokenOf } from '../e2e/proven.mjs';
import { assertNoFault, openBrowser, person, phone } from './pages.mjs';

const folder =
  process.env.HUBBUB_SCREENSHOTS ??
  fileURLToPath(new URL('../../build/screenshots', import.meta.url));

let server;
let key;
let browser;
before(async () => {
  mkdirSync(folder, { recursive: true });
  ({ server, key } = await startWithTokens());
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(closeClients);

const enter = (user) => connect(server, { auth: { token: tokenOf(user) } });

/// Opens the page and enters with a key; the requests of the page are in `asked`.
async function onCall(options = {}, bearer = key) {
  const someone = await person(browser, server, { path: '/admin', ...options });
  someone.asked = [];
  someone.page.on('request', (request) => someone.asked.push(request));
  await giveKey(someone, bearer);
  return someone;
}

async function giveKey(someone, bearer) {
  await someone.page.locator('#key').fill(bearer);
  await someone.page.keyboard.press('Enter');
}

const leave = (someone) => someone.page.context().close();
const shows = (someone, selector, text) =>
  someone.page.locator(selector).filter({ hasText: text }).first().waitFor();

describe('The key', () => {
  it('is asked for, kept in the tab, sent in headers only, and forgotten on demand', async () => {
    const eve = await onCall({}, 'hbk_wrong');
    await shows(eve, '#entrance-error', 'no such API key');
    await giveKey(eve, tokenOf('eve'));
    await shows(eve, '#entrance-error', 'only an admin');
    await giveKey(eve, 'ключ');
    await shows(eve, '#entrance-error', 'not a key');
    await giveKey(eve, key);
    await shows(eve, '#state', 'Ready');
    assert.equal(await eve.page.evaluate(() => document.activeElement.id), 'title');
    await eve.page.reload();
    await shows(eve, '#state', 'Ready');
    assert.ok(eve.asked.every((request) => !request.url().includes(key)));
    assert.ok(!eve.page.url().includes(key));
    const kept = () => eve.page.evaluate(() => JSON.stringify([{ ...localStorage }, document.cookie]));
    assert.ok(!(await kept()).includes(key));
    await eve.page.locator('#forget').click();
    await eve.page.locator('#entrance').waitFor();
    assert.equal(await eve.page.evaluate(() => sessionStorage.length), 0);
    await eve.page.reload();
    await eve.page.locator('#entrance').waitFor();
    const refused = eve.faults.splice(0).filter((each) => !/status of 40[13]/.test(each));
    assert.deepEqual(refused, []);
    eve.assertClean();
    await leave(eve);
  });
});

describe('What is shown', () => {
  it('follows what happens, and names are only text', async () => {
    const root = await onCall();
    await shows(root, '#rooms', 'No messages');
    const name = freshName('<img src=x onerror=alert(1)>');
    const user = '"><script>alert(2)</script>';
    const mallory = await enter(user);
    await join(mallory, name);
    for (let i = 0; i < 5; ++i) await send(mallory, name, `m${i}`);
    await shows(root, '#rooms tbody th', name);
    await shows(root, '#users tbody th', user);
    await shows(root, '[data-figure=users_connected] .value', '1');
    await shows(root, '#store', 'can be written to');
    await shows(root, '#actors', 'writer');
    await root.page.locator('#users').getByRole('button', { name: user }).click();
    assert.equal(await root.page.locator('#act-user').inputValue(), user);
    await root.page.locator('#rooms').getByRole('button', { name }).click();
    assert.match(await root.page.locator('#act-room').inputValue(), /^\d+$/);
    root.assertClean();
    await leave(root);
  });

  it('is told in numbers that are read at a glance, and without a bus says nothing of one', async () => {
    const ann = await enter('ann');
    const room = freshName();
    await join(ann, room);
    await send(ann, room, 'hello');
    const root = await onCall();
    await shows(root, '#node', 'open files');
    assert.doesNotMatch(await root.page.locator('#node').innerText(), /bus/);
    await shows(root, '[data-figure=cpu_cores] .value', /\d/);
    for (const name of ['cpu_cores', 'messages_per_second', 'http_requests_per_second'])
      assert.match(
        await root.page.locator(`[data-figure=${name}] .value`).textContent(),
        /^(< 0\.01|\d(\.\d\d?)?|[1-9]\d(\.\d)?|\d{3,})( \/s)?$/,
      );
    await leave(root);
  });

  it('has what is now between the extremes', async () => {
    const root = await person(browser, server, { path: '/admin' });
    await root.page.route('**/api/admin/now*', async (route) => {
      const response = await route.fetch();
      const state = await response.json();
      const history = {
        interval_seconds: 10,
        figures: ['resident_bytes'],
        samples: [
          { number: 1, at: state.at, values: [46.2 * 2 ** 20] },
          { number: 2, at: state.at, values: [47.9 * 2 ** 20] },
        ],
      };
      const figures = { ...state.figures, resident_bytes: 48.3 * 2 ** 20, cpu_cores: 0.00203 };
      await route.fulfill({ response, json: { ...state, figures, history } });
    });
    await giveKey(root, key);
    await shows(root, '[data-figure=resident_bytes] .span', '46.2 MiB to 48.3 MiB');
    await shows(root, '[data-figure=cpu_cores] .value', '< 0.01');
    await leave(root);
  });

  it('has on a phone the buttons side by side, and what happened before the tables', async () => {
    for (const width of [320, phone.width]) {
      const viewport = { ...phone, width };
      const root = await onCall({ viewport, hasTouch: true, isMobile: true });
      await shows(root, '#state', 'Ready');
      const box = (selector) => root.page.locator(selector).boundingBox();
      assert.equal((await box('#forget')).y, (await box('#drain')).y);
      const figure = (name) => box(`[data-figure=${name}]`);
      assert.equal((await figure('messages_per_second')).y, (await figure('deliveries_per_second')).y);
      assert.ok((await box('#trace-title')).y < (await box('#refusals-title')).y);
      assert.equal(await root.page.evaluate(() => document.documentElement.scrollWidth), width);
      await leave(root);
    }
  });

  it('has at a desk what happened beside the acts, with all that it asks in one line', async () => {
    const root = await onCall({ viewport: { width: 1400, height: 800 } });
    await shows(root, '#state', 'Ready');
    const box = (selector) => root.page.locator(selector).boundingBox();
    assert.equal((await box('#acts-title')).y, (await box('#trace-title')).y);
    const [age, tell] = [await box('#trace-age'), await box('#trace button')];
    assert.ok(tell.x > age.x && tell.y < age.y + age.height, JSON.stringify([age, tell]));
    await leave(root);
  });

  it('is asked for once a second at most, and by nobody while the page is hidden', async () => {
    const root = await person(browser, server, { path: '/admin' });
    const { clock } = root.page;
    await clock.install();
    await root.page.evaluate(() => {
      globalThis.asked = [];
      const ask = globalThis.fetch;
      globalThis.fetch = (...request) => {
        globalThis.asked.push(Date.now());
        return ask(...request);
      };
    });
    await clock.pauseAt(Date.now() + 60_000);
    await giveKey(root, key);
    await shows(root, '#state', 'Ready');
    const asked = () => root.page.evaluate(() => globalThis.asked);
    /// Lets time pass until so many requests were made.
    const passUntil = async (count) => {
      while ((await asked()).length < count) await clock.runFor(100);
    };
    await within(passUntil(5), 'requests');
    const times = await asked();
    for (let i = 1; i < times.length; ++i) assert.ok(times[i] - times[i - 1] >= 1000, String(times));
    const hide = (hidden) =>
      root.page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { get: () => value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    await clock.runFor(10_000);
    assert.equal((await asked()).length, 5);
    await hide(false);
    await within(passUntil(6), 'another request');
    await leave(root);
  });
});

describe('What happened', () => {
  it('is told of a user that was picked, step by step, and says since when it is known', async () => {
    const room = freshName('<i>story');
    const bob = await enter('bob');
    const ann = await enter('ann');
    for (const each of [ann, bob]) await join(each, room);
    const root = await onCall();
    await shows(root, '#state', 'Ready');
    await shows(root, '#slow', /./); // from now on messages are counted
    await send(ann, room, 'hello');
    await root.page.locator('#rooms').getByRole('button', { name: room }).click();
    assert.equal(await root.page.locator('#trace-room').inputValue(), room);
    await root.page.locator('#trace-user').fill('bob');
    await root.page.keyboard.press('Enter');
    await shows(root, '#trace-result', /^\d+ steps; everything since .* is remembered\.$/);
    await shows(root, '#story li[data-kind=message] bdi', "1 of them bob's");
    await root.page.locator('#trace-user').fill('nobody');
    await root.page.locator('#trace-room').fill('nowhere');
    await root.page.locator('#trace').getByRole('button', { name: 'Tell' }).click();
    await shows(root, '#trace-result', /^1 step;/); // that the server started
    root.assertClean();
    await leave(root);
  });
});

describe('Acts', () => {
  it('mute, kick, ban and disconnect a user, in a room by its name', async () => {
    const room = freshName('tea');
    const made = await requestAs(key, server, 'POST', '/api/rooms', { name: room }); // nobody owns it
    assert.equal(made.status, 201);
    const bob = await enter('bob');
    await join(bob, room);
    const root = await onCall();
    await shows(root, '#state', 'Ready');
    const act = async (button, answer) => {
      await root.page.locator('#acts').getByRole('button', { name: button }).click();
      await shows(root, '#act-result', answer);
    };
    await act('Kick', 'Whom?');
    await root.page.locator('#act-user').fill('bob');
    await act('Kick', 'In which room?');
    await root.page.locator('#act-room').fill('nowhere');
    await act('Kick', 'There is no room nowhere');
    await root.page.locator('#act-room').fill(room);
    await root.page.locator('#act-reason').fill('spam');
    const heard = (name) => within(once(bob, name), name);
    const muted = heard('muted');
    await act('Mute', 'bob is muted');
    assert.equal((await muted)[0].reason, 'spam');
    const kicked = heard('kicked');
    await act('Kick', 'bob was kicked: 1 connection.');
    assert.equal((await kicked)[0].reason, 'spam');
    await act('Ban', 'bob is banned');
    const gone = heard('disconnect');
    await act('Disconnect', 'bob was disconnected: 1 connection.');
    assert.deepEqual((await gone)[0], 'io server disconnect');
    root.assertClean();
    await leave(root);
  });

  it('drain the server, once that is confirmed', async () => {
    const other = await startWithTokens();
    const root = await person(browser, other.server, { path: '/admin' });
    await giveKey(root, other.key);
    await shows(root, '#state', 'Ready');
    await root.page.locator('#drain').click();
    await root.page.locator('#drain-cancel').click();
    assert.equal(await root.page.locator('#drain-dialog').isVisible(), false);
    await root.page.locator('#drain').click();
    await root.page.locator('#drain-form').getByRole('button', { name: 'Drain' }).click();
    const [code] = await within(other.server.exited, 'the end of the server');
    assert.equal(code, 0);
    await shows(root, '#state', 'does not answer');
    await leave(root);
  });
});

describe('axe-core finds no fault', () => {
  for (const [colorScheme, viewport] of [['light'], ['dark', phone]])
    it(`${colorScheme}, on a ${viewport ? 'phone' : 'desk'}`, async () => {
      const room = 'the night shift';
      const users = await Promise.all(['ann', 'bob', 'עידו'].map(enter));
      for (const each of users) await join(each, room);
      const root = await person(browser, server, {
        path: '/admin',
        colorScheme,
        ...(viewport && { viewport, hasTouch: true, isMobile: true }),
      });
      await root.page.locator('#entrance').waitFor();
      await assertNoFault(root, 'entrance');
      await giveKey(root, 'wrong');
      await shows(root, '#entrance-error', /./);
      await assertNoFault(root, 'entrance with an error');
      await giveKey(root, key);
      await shows(root, '#state', 'Ready');
      await shows(root, '#slow', /./);
      for (const each of users) for (let i = 0; i < 3; ++i) await send(each, room, `m${i}`);
      await shows(root, '#rooms tbody th', room);
      await root.page.locator('#trace').getByRole('button', { name: 'Tell' }).click();
      await shows(root, '#story', 'was stored as');
      await assertNoFault(root, 'page');
      const picture = `admin-${viewport ? 'phone' : 'desktop'}-${colorScheme}.png`;
      await root.page.screenshot({ path: joinPath(folder, picture), fullPage: true });
      await root.page.locator('#drain').click();
      await assertNoFault(root, 'dialog');
      await leave(root);
    });
});
