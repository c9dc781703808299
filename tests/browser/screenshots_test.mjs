// Pictures of the main states, for people to look at: in build/screenshots, or in the folder that
// HUBBUB_SCREENSHOTS names.
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { Server, request } from '../e2e/support.mjs';
import { desktop, inRoom, openBrowser, person, phone } from './pages.mjs';

const folder =
  process.env.HUBBUB_SCREENSHOTS ??
  fileURLToPath(new URL('../../build/screenshots', import.meta.url));
mkdirSync(folder, { recursive: true });

const talk = [
  ['Mira Sandoval', 'Morning! The new pumps arrived, all eleven of them.'],
  ['Mira Sandoval', 'The pallet is by the north door.'],
  ['Jonas', 'Great. I can start on the first two after lunch.'],
  [
    'Ana',
    'Before you do: the torque table has changed since spring. The current one is at https://docs.example.org/pumps/torque (page 4).',
  ],
  ['Ana', 'Short version:\n  M8 → 24 Nm\n  M10 → 47 Nm\n  M12 → 81 Nm'],
  ['Jonas', 'Thanks, printed.'],
  ['Tomasz Wiśniewski', 'Do we keep the old ones for parts? Two of them still have good seals.'],
  ['Mira Sandoval', 'Yes, shelf 7. Please put a label with the date on each.'],
  ['עידו', 'אני אביא את התוויות מחר בבוקר'],
];

let server;
let browser;
before(async () => {
  server = await Server.start({ args: ['--open-edit'] });
  for (const name of ['general', 'workshop', 'orders', 'lunch', 'night shift'])
    await server.createRoom(name);
  for (const [username, content] of talk)
    await server.post('/messages', { room: 'workshop', username, content });
  const { room_id: id, seq } = (
    await server.post('/messages', { room: 'workshop', username: 'Ana', content: 'Pefrect.' })
  ).body;
  const edit = { username: 'Ana', content: 'Perfect.' };
  await request(server, 'PATCH', `/api/messages/${id}/${seq}`, edit);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function picture(someone, name) {
  const path = join(folder, `${name}.png`);
  await someone.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  assert.ok(statSync(path).size > 5000, path);
}

describe('The page as people see it', () => {
  for (const colorScheme of ['light', 'dark']) {
    it(`at a desk, ${colorScheme}`, async () => {
      const [jonas, ana] = await Promise.all([
        inRoom(browser, server, 'Jonas', 'workshop', { colorScheme }),
        person(browser, server, { colorScheme, path: '/#/room/workshop' }),
      ]);
      await picture(ana, `entrance-${colorScheme}`);
      await ana.enter('Ana');
      await ana.online();
      await ana.page.locator('#room-lists a[data-room=lunch]').click();
      await ana.until(() => document.querySelector('#messages .start'));
      await ana.page.locator('#room-lists a[data-room=workshop]').click();
      await server.post('/messages', {
        room: 'lunch',
        username: 'Mira',
        content: 'Noodles at twelve?',
      });
      await ana.until(() => document.querySelector('#room-lists .badge'));
      await jonas.composer.pressSequentially('I');
      await ana.until(() => document.querySelector('#typing').textContent !== '');
      await ana.composer.fill('The labels can wait');
      await picture(ana, `desktop-${colorScheme}`);

      await ana.page.locator('#new-room').click();
      await ana.page.locator('#new-room-name').fill('lunch');
      await ana.page.keyboard.press('Enter');
      await ana.until(() => document.querySelector('#new-room-error').textContent !== '');
      await picture(ana, `new-room-${colorScheme}`);
      await ana.page.keyboard.press('Escape');

      await ana.page.locator('#change-identity').click();
      await picture(ana, `name-${colorScheme}`);
      await ana.page.keyboard.press('Escape');
      await ana.page.locator('#leave-room').click();
      await picture(ana, `leave-${colorScheme}`);
      await ana.page.keyboard.press('Escape');
      await ana.page.evaluate(() => (location.hash = '#/room/wrokshop'));
      await ana.page.getByRole('button', { name: 'Create it' }).waitFor();
      await picture(ana, `no-room-${colorScheme}`);
      await ana.page.goBack();
      await ana.page.locator('article').first().waitFor();
      await ana.composer.fill('The labels can wait');

      await ana.page.locator('article').last().hover();
      await ana.page.locator('article').last().getByRole('button', { name: 'Delete' }).click();
      await picture(ana, `delete-${colorScheme}`);
      await ana.page.keyboard.press('Escape');
      await ana.page.locator('#show-search').click();
      await ana.page.locator('#search-text').fill('pump');
      await ana.page.locator('.result').first().click();
      await ana.until(() => document.activeElement.matches('article'));
      await picture(ana, `search-${colorScheme}`);
      for (const each of [ana, jonas]) await each.page.context().close();
    });

    it(`on a phone, ${colorScheme}`, async () => {
      const options = { colorScheme, viewport: phone, deviceScaleFactor: 1.5, hasTouch: true };
      const ana = await inRoom(browser, server, 'Ana', 'workshop', options);
      await picture(ana, `phone-room-${colorScheme}`);
      await ana.page.getByRole('button', { name: 'More' }).last().tap();
      await ana.page.locator('#actions-dialog').waitFor();
      await picture(ana, `phone-actions-${colorScheme}`);
      await ana.page.locator('#action-cancel').tap();
      await ana.composer.press('ArrowUp');
      await picture(ana, `phone-edit-${colorScheme}`);
      await ana.page.locator('#editing-cancel').click();
      await ana.page.locator('#show-search').click();
      await ana.page.locator('#search-text').fill('label');
      await ana.page.locator('.result').first().waitFor();
      await picture(ana, `phone-search-${colorScheme}`);
      await ana.page.locator('#search-back').click();
      await ana.page.locator('#show-members').click();
      await ana.page.locator('#members-pane').waitFor();
      await picture(ana, `phone-members-${colorScheme}`);
      await ana.page.locator('#members-back').click();
      await ana.page.locator('#back').click();
      await ana.page.locator('#rooms-pane').waitFor();
      await picture(ana, `phone-rooms-${colorScheme}`);
      await ana.page.context().close();
    });
  }

  it('without a connection', async () => {
    const ana = await inRoom(browser, server, 'Ana', 'workshop', { viewport: desktop });
    await server.kill();
    await ana.until(() => document.querySelector('#app').dataset.state === 'offline');
    await ana.write('I will fetch them from the store.');
    await ana.page.locator('.waiting').waitFor();
    await picture(ana, 'offline-light');
    await ana.page.context().close();
  });
});
