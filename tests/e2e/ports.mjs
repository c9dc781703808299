// Ports that stay free for servers which are started again on them, or of which others are told before
// they start.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './support.mjs';

const script = fileURLToPath(new URL('../support/held_ports.py', import.meta.url));

let holder;
let lines;

/// Returns a port on which nobody listens, and that the system gives to nobody, until this process ends.
export async function heldPort() {
  if (!holder) {
    holder = spawn('/usr/bin/python3', ['-B', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    lines = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
    // It ends with this process, whose end of the pipe it waits for.
    for (const each of [holder, holder.stdin, holder.stdout]) each.unref();
  }
  holder.stdin.write('\n');
  const { done, value } = await within(lines.next(), 'a port');
  if (done) throw new Error(`${script} ended`);
  return Number(value);
}
