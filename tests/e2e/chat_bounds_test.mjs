// Bounds on what all clients together may create and have, in a real server.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server } from './support.mjs';
import { closeClients, connect, connected, join, nextEvent, openSocket, refused, send } from './clients.mjs';
import { post } from './curl.mjs';

let server;
before(async () => {
  server = await Server.start({ args: ['--max-rooms', '2', '--max-connections-per-user', '2'] });
});
after(() => server?.stop());
afterEach(closeClients);

describe('A server with as many rooms as it may have', () => {
  it('makes no more by join, post or request, and goes on in those that are there', async () => {
    const ann = await connect(server, { username: 'ann' });
    await join(ann, 'one');
    await join(ann, 'two');
    await refused(ann, 'limit_exceeded', 'join_room', 'three');
    const made = await post(server, '/api/rooms', { name: 'three' });
    assert.deepEqual([made.status, made.body.error.code], [403, 'limit_exceeded']);
    const posted = await post(server, '/messages/', { room: 'three', content: 'x' });
    assert.deepEqual([posted.status, posted.body.error.code], [403, 'limit_exceeded']);
    await send(ann, 'one', 'still here');
  });
});

describe('A user with as many connections as it may have', () => {
  it('gets no more until one of them ends; others do not notice', async () => {
    const first = await connect(server, { username: 'ben' });
    await connect(server, { username: 'ben' });
    const third = openSocket(server, { username: 'ben' });
    const told = nextEvent(third, 'error');
    const ended = new Promise((resolve) => third.once('disconnect', resolve));
    await connected(third);
    assert.equal((await told).code, 'limit_exceeded');
    assert.equal(await ended, 'io server disconnect');
    await join(await connect(server, { username: 'cid' }), 'one');
    await join(first, 'one');
  });
});
