// The web client in Debian's Chromium: pages of several people, each with storage of their own, and
// helpers for tests. Every wait is for a condition, with the deadline of the other tests.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { deadline } from '../e2e/support.mjs';

const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 780 };

/// Opens a browser; if there is none, the test fails with a sentence.
export async function openBrowser() {
  assert.ok(existsSync(program), `${program} is missing: apt-get install chromium`);
  try {
    return await chromium.launch({ executablePath: program, args: flags, timeout: deadline });
  } catch (error) {
    throw new Error(`${program} does not start: ${error.message}`);
  }
}

// The page reports a server that was killed on purpose, which says nothing about the page.
const expected =
  /ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_SOCKET_|WebSocket connection to|status of 4(00|09)/;

/// Opens one person's browser: `{ page, faults, foreign }`. `faults` gathers errors that the page
/// should not have logged, and `foreign` the addresses of other servers that it asked. `offers`:
/// the only features that the page is told of.
export async function person(browser, server, { path = '/', offers, ...options } = {}) {
  const context = await browser.newContext({ viewport: desktop, locale: 'en-GB', ...options });
  context.setDefaultTimeout(deadline);
  const page = await context.newPage();
  const faults = [];
  const foreign = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== server.url) foreign.push(request.url());
  });
  if (offers) {
    await page.route('**/api/info', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), features: offers } });
    });
  }
  await page.goto(server.url + path);
  return new Person(page, { faults, foreign });
}

export async function ensureRoom(server, name) {
  const { status } = await server.post('/api/rooms', { name });
  assert.ok([201, 409].includes(status), `${name}: ${status}`);
}

/// Opens a browser for somebody with a name, in a room, which is created if it does not exist.
export async function inRoom(browser, server, name, room, options) {
  await ensureRoom(server, room);
  const someone = await person(browser, server, { path: `/#/room/${room}`, ...options });
  await someone.enter(name);
  await someone.online();
  return someone;
}

/// Closes the browsers of these people, takes them off the list, and checks that none met a fault.
export async function allLeave(people) {
  const present = people.splice(0);
  await Promise.all(present.map((each) => each.page.context().close()));
  for (const each of present) each.assertClean();
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/// Fails if axe-core finds anything in the page as it is; `where` says what that is.
export async function assertNoFault(someone, where) {
  await someone.page.evaluate(axe);
  const { violations } = await someone.page.evaluate(() => globalThis.axe.run());
  const found = violations.map(
    ({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html).join(' ')}`,
  );
  assert.deepEqual(found, [], where);
}

export class Person {
  constructor(page, { faults, foreign }) {
    this.page = page;
    this.faults = faults;
    this.foreign = foreign;
    this.messages = page.locator('#messages');
    this.composer = page.locator('#content');
    this.typing = page.locator('#typing');
    this.rooms = page.locator('#room-lists');
  }

  async enter(name) {
    await this.page.locator('#entrance-value').fill(name);
    await this.page.keyboard.press('Enter');
  }

  /// Returns once the page says that it is connected and in its room.
  online() {
    return this.page.waitForFunction(
      () =>
        document.querySelector('#app').dataset.state === 'online' &&
        document.querySelector('#messages .row:not(.older:only-child)') !== null,
    );
  }

  async write(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /// Writes a message, and returns once the server has it.
  async send(text) {
    await this.write(text);
    await this.sees(text);
    await this.nothingWaits();
  }

  /// Returns once no message that is shown waits to be sent.
  nothingWaits() {
    return this.until(() => !document.querySelector('.waiting, .failed'));
  }

  /// Returns once a message of exactly this text is shown.
  sees(text) {
    return this.content(text).waitFor();
  }

  content(text) {
    const exactly = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
    return this.page.locator('#messages .content').filter({ hasText: exactly });
  }

  /// Returns once the condition, a function in the page, returns something true.
  until(condition, argument) {
    return this.page.waitForFunction(condition, argument);
  }

  /// Checks what every page must satisfy, whatever the test was about.
  assertClean() {
    assert.deepEqual(this.faults, []);
    assert.deepEqual(this.foreign, []);
  }
}
