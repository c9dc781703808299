// `hubbub db`: what an operator can do with a database besides serving it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { Server, binary, environment, freshName, run, temporaryFolder } from './support.mjs';
import { closeClients, connect, join, sendMany } from './clients.mjs';

afterEach(closeClients);

const db = (...args) => run(binary('hubbub'), ['db', ...args], { env: environment() });

/// Runs to success; returns what it printed.
async function done(...args) {
  const { code, stdout, stderr } = await db(...args);
  assert.equal(code, 0, `${args}: ${stdout}${stderr}`);
  return stdout;
}

/// Makes a server with a room of `count` messages.
async function filled(count) {
  const server = await Server.start();
  const room = freshName();
  const ana = await connect(server, { username: 'ana' });
  await join(ana, room);
  await sendMany(ana, room, count);
  return { server, room, ana };
}

describe('hubbub db', () => {
  it('backs up a database while it is served, which another server then serves', async () => {
    const { server, room, ana } = await filled(50);
    const copy = pathOf(temporaryFolder(), 'copy.db');
    const more = sendMany(ana, room, 200);
    await done('backup', '--db', server.database, copy);
    await more;
    closeClients();
    await server.stop();
    assert.match(await done('check', '--db', copy), /^nothing is wrong with \d+ messages\n$/);
    const other = await Server.start({ database: copy });
    const { id, last_seq: lastSeq } = (await other.get(`/api/rooms?q=${room}`)).body.rooms[0];
    const history = await other.history(id);
    assert.equal(history.length, lastSeq);
    assert.ok(lastSeq >= 50);
    await other.stop();
  });

  it('checks a database, served or not, and finds what is wrong', async () => {
    const { server } = await filled(20);
    assert.match(await done('check', '--db', server.database), /^nothing is wrong/);
    assert.ok((await server.metric('hubbub_store_wal_bytes')) > 0);
    closeClients();
    await server.stop();
    assert.match(await done('check', '--db', server.database), /^nothing is wrong with 20/);
    const script = `import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute('DELETE FROM messages WHERE seq = 7')
database.commit()`;
    assert.equal((await run('python3', ['-c', script, server.database])).code, 0);
    const { code, stdout } = await db('check', '--db', server.database);
    assert.equal(code, 1);
    assert.notEqual(stdout, '');
  });

  it('exports a room and imports it into another', async () => {
    const { server, room } = await filled(30);
    const { id } = (await server.get(`/api/rooms?q=${room}`)).body.rooms[0];
    const before = await server.history(id);
    const file = pathOf(temporaryFolder(), 'room.jsonl');
    await done('export', '--db', server.database, '--room', room, '--output', file);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines, before);
    assert.equal(await done('export', '--db', server.database, '--room-id', String(id)),
      readFileSync(file, 'utf8'));
    const refused = await db('import', '--db', server.database, '--room', 'copy', file);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /in use by another server/);
    closeClients();
    await server.stop();
    writeFileSync(file, `\ufeff${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}\r\n`);
    await done('import', '--db', server.database, '--room', 'copy', file);
    await server.restart();
    const copy = (await server.get('/api/rooms?q=copy')).body.rooms.at(-1);
    const after = await server.history(copy.id);
    const plain = ({ content, user_id: user, created_at: at }) => ({ content, user, at });
    assert.deepEqual(after.map(plain), before.map(plain));
    await server.stop();
    assert.match(await done('check', '--db', server.database), /^nothing is wrong with 60/);
  });

  it('refuses an import with a line that is no message, and imports nothing', async () => {
    const { server } = await filled(1);
    closeClients();
    await server.stop();
    const file = pathOf(temporaryFolder(), 'bad.jsonl');
    const good = '{"content":"x","user_id":"a","username":"a","created_at":"2026-01-01T00:00:00.000Z"}';
    writeFileSync(file, `${good}\n{"content":7}\n`);
    const { code, stderr } = await db('import', '--db', server.database, '--room', 'bad', file);
    assert.equal(code, 1);
    assert.match(stderr, /^hubbub: [^\n]*2[^\n]*\n$/);
    writeFileSync(file, Buffer.from(`${good.replace('"x"', '"caf\xe9"')}\n`, 'latin1'));
    const latin = await db('import', '--db', server.database, '--room', 'bad', file);
    assert.match(latin.stderr, /^hubbub: line 1 [^\n]*not UTF-8[^\n]*\n$/);
    assert.match(await done('check', '--db', server.database), /^nothing is wrong with 1 /);
  });

  it('compacts a database that nobody serves', async () => {
    const { server } = await filled(200);
    const busy = await db('compact', '--db', server.database);
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /^hubbub: [^\n]+\n$/);
    closeClients();
    await server.stop();
    assert.match(await done('compact', '--db', server.database), /^\d+ bytes before, \d+ after\n$/);
    assert.match(await done('check', '--db', server.database), /^nothing is wrong/);
  });

  it('says in a sentence what it needs', async () => {
    for (const args of [[], ['frob'], ['backup'], ['export'], ['check', '--db', '/nowhere/x.db']]) {
      const { code, stdout, stderr } = await db(...args);
      assert.ok(code > 0, `${args}`);
      assert.equal(stdout, '');
      assert.match(stderr, /^hubbub: [^\n]+\n$/, `${args}`);
    }
  });
});
