// Search, and history around a message, by user and by time; over HTTP and over the socket.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, assertSound, freshName } from './support.mjs';
import { ask, closeClients, connect, join, refused, send, sendMany } from './clients.mjs';

let server;
let alice;
let bob;
let room;
let id;
before(async () => (server = await Server.start({ args: ['--open-edit'] })));
after(() => server?.stop());
beforeEach(async () => {
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob' });
  await join(alice, room);
  id = (await join(bob, room)).room.id;
});
afterEach(closeClients);

const get = async (path, query = {}) => {
  const answer = await fetch(`${server.url}${path}?${new URLSearchParams(query)}`);
  return { status: answer.status, ...(await answer.json()) };
};
const searched = (query) => get(`/api/messages/${id}/search`, query);
const contents = ({ results }) => results.map(({ message }) => message.content);

describe('a search right after an ack', () => {
  it('finds what was sent, edited and not deleted, and so does one after a kill', async () => {
    const own = await Server.start({ args: ['--open-edit'] });
    try {
      const ann = await connect(own, { username: 'ann' });
      const { id: tea } = (await join(ann, room)).room;
      const found = async (q) => {
        const { status, body } = await own.get(`/api/messages/${tea}/search?q=${q}`);
        assert.equal(status, 200);
        return contents(body).sort();
      };
      for (let i = 0; i < 20; ++i) {
        await send(ann, room, `cup ${i}`);
        assert.equal((await found('cup')).length, i + 1);
      }
      // Not indexed yet when the server is killed, unless a second has passed.
      const changed = await send(ann, room, 'green leaves');
      const gone = await send(ann, room, 'black leaves');
      await send(ann, room, 'white leaves');
      await ask(ann, 'edit_message', { room, seq: changed.seq, content: 'red leaves' });
      await ask(ann, 'delete_message', { room, seq: gone.seq });
      await own.kill();
      await assertSound(own);
      await own.restart();
      assert.deepEqual(await found('leaves'), ['red leaves', 'white leaves']);
      assert.deepEqual(await found('green'), []);
      assert.equal((await found('cup')).length, 20);
      closeClients();
    } finally {
      await own.stop();
    }
    await assertSound(own);
  });
});

describe('search', () => {
  it('finds words, marks them in pieces of text, and gives whole messages', async () => {
    const fox = await send(alice, room, 'the quick <b>fox</b>');
    await send(alice, room, 'a slow dog');
    const { status, results, has_more } = await searched({ q: 'QUICK' });
    assert.deepEqual([status, has_more], [200, false]);
    assert.deepEqual(
      results.map(({ message }) => message),
      [fox],
    );
    const [{ snippet }] = results;
    assert.equal(snippet.map(({ text }) => text).join(''), fox.content);
    assert.deepEqual(
      snippet.filter(({ match }) => match).map(({ text }) => text),
      ['quick'],
    );
    const ack = await ask(bob, 'search_messages', { room, q: 'quick' });
    assert.deepEqual(ack, { ok: true, results, has_more });
  });

  it('finds words in all scripts and marks them', async () => {
    const said = ['病院は機能していない', '测试中文搜索', 'ทำงานหนักมาก', 'दान', 'दिन', 'lunch🥗 at noon 🎉', 'Ελλάδα', 'Ёлка'];
    for (const each of said) await send(alice, room, each);
    const found = async (q) => contents(await searched({ q }));
    assert.deepEqual(await found('機能'), ['病院は機能していない']);
    assert.deepEqual(await found('能'), ['病院は機能していない']);
    assert.deepEqual(await found('中文'), ['测试中文搜索']);
    assert.deepEqual(await found('งาน'), ['ทำงานหนักมาก']);
    assert.deepEqual(await found('दिन'), ['दिन']);
    assert.deepEqual(await found('🎉'), ['lunch🥗 at noon 🎉']);
    assert.deepEqual(await found('lunch'), ['lunch🥗 at noon 🎉']);
    assert.deepEqual(await found('ελλαδα'), ['Ελλάδα']);
    assert.deepEqual(await found('елка'), ['Ёлка']);
    const [{ snippet }] = (await searched({ q: '機能' })).results;
    assert.deepEqual(snippet, [
      { text: '病院は', match: false },
      { text: '機能', match: true },
      { text: 'していない', match: false },
    ]);
  });

  it('follows edits and deletions', async () => {
    const { seq } = await send(alice, room, 'apples');
    await ask(alice, 'edit_message', { room, seq, content: 'pears' });
    assert.deepEqual(contents(await searched({ q: 'apples' })), []);
    assert.deepEqual(contents(await searched({ q: 'pears' })), ['pears']);
    await ask(alice, 'delete_message', { room, seq });
    assert.deepEqual(contents(await searched({ q: 'pears' })), []);
  });

  it('searches all rooms, one user, page by page', async () => {
    const word = freshName().replaceAll(/\W/g, '');
    const other = freshName();
    await join(bob, other);
    await send(bob, other, `${word} elsewhere`);
    for (let i = 0; i < 3; ++i) await send(alice, room, `${word} ${i}`);
    const all = await get('/api/search', { q: word });
    assert.deepEqual([all.results.length, all.has_more], [4, false]);
    assert.deepEqual(new Set(all.results.map(({ message }) => message.room)), new Set([room, other]));
    const bobs = await get('/api/search', { q: word, user_id: 'bob' });
    assert.deepEqual(contents(bobs), [`${word} elsewhere`]);
    const walked = [];
    for (let more = true, offset = 0; more; offset += 2) {
      const page = await searched({ q: word, limit: 2, offset });
      walked.push(...contents(page));
      more = page.has_more;
    }
    assert.deepEqual(walked.sort(), [0, 1, 2].map((i) => `${word} ${i}`));
  });

  it('takes whatever a user types', async () => {
    await send(alice, room, `it's 100% "done"`);
    for (const q of ['"', "'", '%', 'AND', 'NOT x', 'a OR', 'NEAR(', 'x*', '*', '-', 'c:x', '😀'])
      assert.equal((await searched({ q })).status, 200, q);
    assert.equal((await searched({ q: 'done' })).results.length, 1);
    for (const q of ['', ' ', 'x'.repeat(201)])
      assert.equal((await searched({ q })).status, 400, JSON.stringify(q));
    await refused(alice, 'bad_request', 'search_messages', { room });
    assert.equal((await get('/api/messages/999999/search', { q: 'x' })).status, 404);
  });
});

describe('history', () => {
  const seqs = (page) => page.messages.map(({ seq }) => seq);
  const history = (query) => get(`/api/messages/${id}`, query);

  it('is read around a message', async () => {
    await sendMany(alice, room, 9);
    const middle = await history({ around: 5, limit: 3 });
    assert.deepEqual(seqs(middle), [4, 5, 6]);
    assert.deepEqual([middle.has_more_before, middle.has_more], [true, true]);
    const whole = await ask(bob, 'get_messages', { room, around: 5, limit: 200 });
    assert.deepEqual(seqs(whole), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual([whole.has_more_before, whole.has_more], [false, false]);
    assert.equal((await history({ around: 5, before: 7 })).status, 400);
    await refused(bob, 'bad_request', 'get_messages', { room, around: 5, after: 2 });
    assert.ok(!('has_more_before' in (await history({ before: 5 }))));
  });

  it('is filtered by user and by time', async () => {
    const first = await send(alice, room, 'one');
    await send(bob, room, 'two');
    const last = await send(alice, room, 'three');
    assert.deepEqual(seqs(await history({ user_id: 'alice' })), [1, 3]);
    assert.deepEqual(seqs(await history({ user_id: 'alice', limit: 1, before: 3 })), [1]);
    assert.deepEqual(seqs(await history({ until: first.created_at })), []);
    const after_all = Date.parse(last.created_at) + 1;
    assert.deepEqual(seqs(await history({ from: after_all })), []);
    const times = { from: first.created_at, until: after_all };
    assert.deepEqual(seqs(await history(times)), [1, 2, 3]);
    assert.deepEqual(seqs(await ask(bob, 'get_messages', { room, ...times })), [1, 2, 3]);
    assert.equal((await history({ from: 'yesterday' })).status, 400);
    await refused(bob, 'bad_request', 'get_messages', { room, from: 'yesterday' });
  });
});
