// Members of many rooms on a network that breaks in every way, and a server that is killed: nobody
// misses anything without being told, and nobody is told anything twice. HUBBUB_CHAOS_ROUNDS is the
// number of rounds, and HUBBUB_CHAOS_SEED the seed of the first; the others follow from it.
// HUBBUB_CHAOS_LOGS names a folder for the logs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sanitized } from './support.mjs';
import { runRound } from './chaos/storm.mjs';

// Now and then Node 20 spins for ever when it frees what broken connections have left behind, long
// after the last test. Leaving from within the exit skips that.
process.on('exit', (code) => process.exit(code));

const rounds = Number(process.env.HUBBUB_CHAOS_ROUNDS ?? (sanitized ? 3 : 10));
const first = Number(process.env.HUBBUB_CHAOS_SEED ?? 1);

describe(`Members behind a network that breaks, ${rounds} rounds from seed ${first} on`, () => {
  for (let i = 0; i < rounds; ++i) {
    const seed = first + i;
    const replay = `HUBBUB_CHAOS_SEED=${seed} HUBBUB_CHAOS_ROUNDS=1`;
    it(`hear everything once and in order, or of a gap: ${replay}`, async (t) => {
      const round = await runRound(seed);
      t.diagnostic(round.summary());
      assert.deepEqual(round.report().join('\n'), '', round.report().join('\n'));
    });
  }
});
