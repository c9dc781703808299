// A database that cannot be written or read any more: senders are told, nothing unstored is seen,
// reads go on, and when the fault is gone the server continues by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join as pathOf } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { Server, assertSound, binary, environment, freshName, run } from './support.mjs';
import { temporaryFolder } from './support.mjs';
import { assertContiguous, closeClients, connect, emitAck, fence, join } from './clients.mjs';
import { connected, nextEvent, received, sendMany } from './clients.mjs';

afterEach(closeClients);

const mounts = [];
after(() => mounts.forEach((folder) => execFileSync('umount', ['--lazy', folder])));

/// Returns a file system in memory, or null if mounting is not allowed.
function smallDisk(size) {
  const folder = pathOf(temporaryFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return null;
  }
  mounts.push(folder);
  return folder;
}

const noMount = 'mounting a small file system is not permitted here';

/// Makes an ext4 in a file. `fail` makes its driver meet an error, after which it is read-only,
/// also for processes with open files; `mend` mounts it again. Null if that is not allowed.
function faultyDisk() {
  const folder = pathOf(temporaryFolder(), 'disk');
  const image = pathOf(temporaryFolder(), 'image');
  mkdirSync(folder);
  writeFileSync(image, '');
  truncateSync(image, 32 << 20);
  const call = (program, ...args) =>
    execFileSync(program, args, { stdio: 'pipe', encoding: 'utf8' }).trim();
  const mount = () => call('mount', '-o', 'loop,errors=remount-ro', image, folder);
  try {
    call('mkfs.ext4', '-q', image);
    mount();
  } catch {
    return null;
  }
  mounts.push(folder);
  const device = realpathSync(call('findmnt', '--noheadings', '--output', 'SOURCE', folder));
  return {
    folder,
    fail: () => writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1'),
    mend: () => {
      call('umount', folder);
      mount();
    },
  };
}

/// Keeps everybody from writing the files, including processes that have them open, or undoes that.
/// False if it is not allowed or the file system does not support it.
function setImmutable(files, immutable) {
  try {
    execFileSync('chattr', [immutable ? '+i' : '-i', ...files], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function canBeImmutable() {
  const path = pathOf(temporaryFolder(), 'probe');
  const file = openSync(path, 'w');
  try {
    if (!setImmutable([path], true)) return false;
    writeSync(file, 'x');
    return false; // as on a tmpfs, which minds it at opening only
  } catch {
    return true;
  } finally {
    setImmutable([path], false);
    closeSync(file);
  }
}

/// Uses up all the space that is left.
function fillUp(path) {
  const file = openSync(path, 'w');
  try {
    for (let size = 65_536; size >= 1;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        assert.equal(error.code, 'ENOSPC');
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

const limitFiles = (server, bytes) =>
  execFileSync('prlimit', ['--pid', String(server.child.pid), `--fsize=${bytes}:`]);

/// Returns a new text of 3,000 characters each time.
const longText = () => freshName('text').padEnd(3_000, '.');

/// Sends until `wanted` accepts an ack; resolves to that ack. All acked messages are noted.
async function sendUntil(socket, room, acked, wanted) {
  for (;;) {
    const content = longText();
    const ack = await emitAck(socket, 'send_message', { room, content });
    if (ack.ok) acked.push(ack.message);
    else assert.ok(['storage_error', 'overloaded'].includes(ack.error.code), ack.error.code);
    if (wanted(ack)) return ack;
  }
}

/// Puts two people into a room in which one has spoken.
async function talk(server) {
  const room = freshName();
  const { id } = await server.createRoom(room);
  const [ana, ben] = [await connect(server, { username: 'ana' }), await connect(server, { username: 'ben' })];
  await join(ana, room);
  await join(ben, room);
  return { room, id, ana, ben, acked: await sendMany(ana, room, 20) };
}

/// Checks that nothing can be stored: senders are told, and acked messages can be read all the
/// time, and nothing else. `status` is that of the answer to a post.
async function assertOnlyReads(server, { room, id, ana, ben, acked }, status) {
  const refusal = await sendUntil(ana, room, acked, ({ ok }) => !ok);
  assert.equal(refusal.error.code, 'storage_error');
  for (let i = 0; i < 20; ++i) await sendUntil(ana, room, acked, () => true);
  const posted = await server.post(`/api/messages/${id}`, { content: longText() });
  assert.deepEqual([posted.status, posted.body.error?.code], [status, 'storage_error']);
  assert.equal((await server.get('/readyz')).status, 503);
  assert.equal((await server.get('/healthz')).status, 200);
  // A room is so small that it may still fit, and the server be ready again.
  const created = await server.post('/api/rooms', { name: 'x'.repeat(64) });
  if (created.status !== 201) assert.equal(created.body.error.code, 'storage_error');
  assert.deepEqual(await server.history(id), acked);
  const page = await emitAck(ben, 'get_messages', { room, limit: 200 });
  assert.deepEqual(page.messages, acked.slice(-200));
  const found = await server.get(`/api/messages/${id}/search?q=text`);
  assert.equal(found.status, 200);
  assert.deepEqual(received(ben, 'new_message'), acked);
}

/// Checks a server that `begin` keeps from writing, until `end`.
async function assertBears(server, { begin, end, status }) {
  const talking = await talk(server);
  const { room, id, ana, ben, acked } = talking;
  begin();
  await assertOnlyReads(server, talking, status);
  // Somebody on call reads it, once.
  const event = status === 507 ? 'disk_full' : 'store_failed';
  await server.logged(new RegExp(` error ${event}: .* failed_commits=1\n`, 'g'));
  await server.logged(/ warning not_ready: .* reason="store"\n/g);
  assert.ok(server.log.match(new RegExp(` ${event}: `, 'g')).length <= 2, server.log);
  end();
  await sendUntil(ana, room, acked, ({ ok }) => ok);
  await server.logged(/ info store_well: .* reason="(full|io)" failed_commits=\d+ lasted_ms=\d+\n/g);
  await server.logged(/ info ready: .* reason="(store|untried)"\n/g);
  assert.equal((await server.get('/readyz')).status, 200);
  await fence(ben, ana, room);
  const history = await server.history(id);
  assertContiguous(history, 1);
  assert.deepEqual(history.slice(0, -1), acked); // the last one is the fence
  assert.deepEqual(received(ben, 'new_message'), history);
  await server.kill();
  await assertSound(server);
  await server.restart();
  assert.deepEqual(await server.history(id), history);
  closeClients();
  await server.stop();
}

describe('A server whose disk is full', () => {
  it('refuses messages, serves reads and goes on when there is space', async (t) => {
    const disk = smallDisk('3m');
    if (!disk) return t.skip(noMount);
    const server = await Server.start({ database: pathOf(disk, 'hubbub.db') });
    const ballast = pathOf(disk, 'ballast');
    const [begin, end] = [() => fillUp(ballast), () => rmSync(ballast)];
    await assertBears(server, { begin, end, status: 507 });
  });

  it('does the same where its files may not grow', async () => {
    const server = await Server.start();
    const begin = () => limitFiles(server, statSync(`${server.database}-wal`).size + 50_000);
    const end = () => limitFiles(server, 'unlimited');
    await assertBears(server, { begin, end, status: 507 });
  });

  it('refuses a leave that it cannot store, and keeps the socket in', async () => {
    const server = await Server.start();
    const { room, id, ben } = await talk(server);
    const cid = await connect(server, {
      auth: { username: 'cid', recover: true },
      reconnection: true,
      reconnectionDelay: 5,
      reconnectionDelayMax: 50,
    });
    await join(cid, room);
    limitFiles(server, 0);
    const refusal = await emitAck(cid, 'leave_room', { room });
    assert.deepEqual([refusal.ok, refusal.error.code], [false, 'storage_error']);
    assert.deepEqual(received(ben, 'user_left'), []);
    const { body } = await server.get(`/api/rooms/${id}/members`);
    assert.deepEqual(body.members.map((each) => each.user_id), ['ana', 'ben', 'cid']);

    const gone = new Promise((resolve) => cid.once('disconnect', resolve));
    await server.kill();
    await gone;
    await server.restart();
    await connected(cid);
    assert.equal(cid.recovered, true);
    assert.equal((await server.post(`/api/messages/${id}`, { content: 'still here' })).status, 201);
    await nextEvent(cid, 'new_message', ([message]) => message.content === 'still here');
    assert.equal((await emitAck(cid, 'leave_room', { room })).ok, true);
    await server.kill();
    await server.restart();
    await connected(cid);
    assert.equal((await server.get(`/api/rooms/${id}/members`)).body.members.length, 0);
    closeClients();
    await server.stop();
  });

  it('is refused a start in a sentence, and changes nothing', async (t) => {
    const disk = smallDisk('1m');
    if (!disk) return t.skip(noMount);
    fillUp(pathOf(disk, 'ballast'));
    const args = ['serve', '--port', '0', '--db', pathOf(disk, 'hubbub.db')];
    const { code, stdout, stderr } = await run(binary('hubbub'), args, { env: environment() });
    assert.ok(code > 0);
    assert.equal(stdout, '');
    assert.match(stderr, /^hubbub: [^\n]*\n$/);
  });
});

describe('A database that may not be written', () => {
  it('any more while it is served takes no message, and does when it may', async (t) => {
    if (!canBeImmutable()) return t.skip('files cannot be made immutable here');
    const server = await Server.start();
    // Not the -shm: it is mapped, and ext4 kills processes that write to an immutable mapping.
    const files = ['', '-wal'].map((suffix) => server.database + suffix);
    const begin = () => assert.ok(setImmutable(files, true));
    const end = () => assert.ok(setImmutable(files, false));
    try {
      await assertBears(server, { begin, end, status: 500 });
    } finally {
      setImmutable(files, false);
    }
  });

  it('since its file system failed and is read-only is read on, and whole when that is mended', async (t) => {
    const disk = faultyDisk();
    if (!disk) return t.skip(noMount);
    const server = await Server.start({ database: pathOf(disk.folder, 'hubbub.db') });
    const talking = await talk(server);
    execFileSync('sync', ['--file-system', disk.folder]);
    disk.fail();
    await assertOnlyReads(server, talking, 500);
    await server.kill();
    disk.mend();
    await assertSound(server);
    await server.restart();
    assert.deepEqual(await server.history(talking.id), talking.acked);
    closeClients();
    await server.stop();
  });

  it('is refused at the start in a sentence, and served when it may', async (t) => {
    const disk = smallDisk('8m');
    if (!disk) return t.skip(noMount);
    const server = await Server.start({ database: pathOf(disk, 'hubbub.db') });
    const { id } = await server.createRoom('tea');
    assert.equal((await server.post(`/api/messages/${id}`, { content: 'x' })).status, 201);
    await server.stop();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const args = ['serve', '--port', '0', '--db', server.database];
    const { code, stderr } = await run(binary('hubbub'), args, { env: environment() });
    assert.ok(code > 0);
    assert.match(stderr, /^hubbub: [^\n]*hubbub\.db[^\n]*\n$/);
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await server.restart();
    assert.equal((await server.history(id)).length, 1);
    await server.stop();
  });

  it('is refused to a second server, which leaves the first alone', async () => {
    const server = await Server.start();
    const args = ['serve', '--port', '0', '--db', server.database];
    const { code, stdout, stderr } = await run(binary('hubbub'), args, { env: environment() });
    assert.ok(code > 0);
    assert.equal(stdout, '');
    assert.match(stderr, /^hubbub: [^\n]*in use by another server[^\n]*\n$/);
    const { id } = await server.createRoom('tea');
    assert.equal((await server.post(`/api/messages/${id}`, { content: 'x' })).status, 201);
    await server.stop();
  });
});

describe('A database of a newer version', () => {
  it('is refused at the start in a sentence, and left alone', async () => {
    const server = await Server.start();
    const { id } = await server.createRoom('tea');
    await server.stop();
    const userVersion = 60; // where the header of SQLite's format has it, in 4 bytes
    const ours = readFileSync(server.database);
    const theirs = Buffer.from(ours);
    theirs.writeUInt32BE(ours.readUInt32BE(userVersion) + 1, userVersion);
    writeFileSync(server.database, theirs);
    const args = ['serve', '--port', '0', '--db', server.database];
    const { code, stdout, stderr } = await run(binary('hubbub'), args, { env: environment() });
    assert.ok(code > 0);
    assert.equal(stdout, '');
    assert.match(stderr, /^hubbub: [^\n]*hubbub\.db was written by a newer version[^\n]*\n$/);
    assert.deepEqual(readFileSync(server.database), theirs);

    writeFileSync(server.database, ours);
    await server.restart();
    assert.equal((await server.post(`/api/messages/${id}`, { content: 'x' })).status, 201);
    await server.stop();
  });
});

describe('A database that is damaged while it is served', () => {
  it('is read no further, and written no more', async () => {
    const server = await Server.start();
    const room = freshName();
    const { id } = await server.createRoom(room);
    const ana = await connect(server, { username: 'ana' });
    await join(ana, room);
    await sendMany(ana, room, 400, { text: longText });
    closeClients();
    await server.stop(); // all of it is in the file, and nothing in a cache
    await server.restart();
    const ben = await connect(server, { username: 'ben' });
    await join(ben, room, { history: 0 });
    assert.equal((await server.get('/readyz')).status, 200);

    const page = 4_096;
    const { size } = statSync(server.database);
    const file = openSync(server.database, 'r+');
    for (let at = 32 * page; at < size - 2 * page; at += page) {
      writeSync(file, Buffer.alloc(page, 0x5a), 0, page, at);
    }
    closeSync(file);

    const damaged = async () => {
      for (let before = 400; before > 1; before -= 50) {
        const { status, body } = await server.get(`/api/messages/${id}?before=${before}&limit=50`);
        if (status !== 200) return [status, body.error.code];
      }
      return [];
    };
    assert.deepEqual(await damaged(), [500, 'storage_error']);
    const ack = await emitAck(ben, 'send_message', { room, content: 'not on this disk' });
    assert.equal(ack.error?.code, 'storage_error');
    const ready = await server.get('/readyz');
    assert.deepEqual([ready.status, ready.body.error.code], [503, 'storage_error']);
    assert.equal((await server.get('/healthz')).status, 200);
    await server.logged(/ error database_damaged: .*\n/g);
    await server.logged(/ warning not_ready: .* reason="damage"\n/g);
    assert.deepEqual(received(ben, 'new_message'), []);
    closeClients();
    await server.stop();
    const { code } = await run(binary('hubbub'), ['db', 'check', '--db', server.database], {
      env: environment(),
    });
    assert.equal(code, 1);
  });
});
