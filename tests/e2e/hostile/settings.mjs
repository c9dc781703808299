// The server that is attacked: every bound is tight, so that each is reached within seconds, and the
// memory that it may take is the sum of them.
import { readFileSync } from 'node:fs';

/// Bytes, milliseconds, numbers and rates, by the names of the settings.
export const settings = {
  max_header_bytes: 4_096,
  max_payload: 60_000,
  compression: true,
  compression_min_bytes: 100,
  max_queue_bytes: 200_000,
  max_volatile_bytes: 50_000,
  max_requests_per_socket: 100,
  header_timeout: 5_000,
  body_timeout: 6_000,
  idle_timeout: 10_000,
  upgrade_timeout: 6_000,
  connect_timeout: 8_000,
  ping_interval: 8_000,
  ping_timeout: 12_000,
  max_fragments: 5_000,
  max_attachment_bytes: 120_000,
  max_connections: 8_000,
  rate_rooms_per_user: '5:1000',
  room_linger: 1_000,
};

export const asArguments = (values = settings) =>
  Object.entries(values).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);

/// What a connection takes that the settings do not say: its buffers, its session with the actor and
/// the timers, and what the allocator loses between them.
export const connectionBytes = 24_000;
/// A room that is awake: its actor and what it remembers.
export const roomBytes = 8_000;
/// The program, and the pages that SQLite keeps for each of its connections.
export const programBytes = 64_000_000;

/// Resident memory of a process in bytes: the most there ever was.
export function peakMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)[1]);
}
