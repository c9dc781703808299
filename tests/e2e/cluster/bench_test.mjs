// hubbub-bench over two servers on one PostgreSQL: what it checks, it checks across them. Run by
// tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Server, assertSound, binary, environment, run } from '../support.mjs';

const rates = ['events', 'joins', 'typing', 'bytes', 'rooms'].flatMap((what) => [`--rate-${what}-per-socket`, 'off']);

describe('hubbub-bench', () => {
  it('finds that all members of a room on two servers hear the same', async () => {
    const asNode = (number) => ['--node-id', String(number), '--bus', 'postgres', ...rates];
    const one = await Server.start({ args: asNode(1) });
    const two = await Server.start({ args: asNode(2), database: one.database });
    for (const scenario of ['fanout', 'history']) {
      const load = ['--connections', '12', '--rooms', '3', '--senders', '6', '--messages', '300', '--duration', '500ms'];
      const servers = [one, two].flatMap(({ url, child }) => ['--url', url, '--server-pid', String(child.pid)]);
      const { code, stdout, stderr } = await run(binary('hubbub-bench'), [scenario, ...load, ...servers], {
        env: environment(),
      });
      assert.equal(code, 0, `${stdout}${stderr}`);
      assert.match(stdout, /servers +2/);
      // The load reached both of them: each of the three senders at a server has two messages under way.
      for (const each of [one, two])
        assert.ok((await each.metric('hubbub_messages_stored_total')) >= 6, `${scenario} at ${each.url}`);
    }
    await one.stop();
    await two.stop();
    await assertSound(one);
  });
});
