// A server with its users, its Prometheus and its certificates, as a fault meets them. The settings are
// the same for every fault, so that they give nothing away.
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Prometheus, alarms } from '../e2e/prometheus.mjs';
import { Server, request, temporaryFolder } from '../e2e/support.mjs';
import { issuer } from '../e2e/tokens.mjs';
import { Pki } from './pki.mjs';
import { Town, signer } from './town.mjs';

/// By how much the times of the alarms are shortened.
export const FASTER = 10;

/// Returns the alarms with all their times a tenth as long.
function hurried() {
  const seconds = { s: 1, m: 60, h: 3600 };
  const shorter = (_, before, number, unit) => `${before}${(number * seconds[unit]) / FASTER}s`;
  return alarms().replaceAll(/(\[|\bfor: )(\d+)([smh])\b/g, shorter);
}

export class World {
  #atEnd = [];
  #control;

  static async make({ shim }) {
    const world = new World();
    const folder = temporaryFolder();
    world.#control = join(folder, 'control');
    world.control({});
    world.pki = await Pki.make();
    const key = issuer('ES256');
    const keys = join(folder, 'issuer.json');
    writeFileSync(keys, JSON.stringify({ keys: [key.jwk('k1')] }));
    world.key = `hbk_${randomBytes(32).toString('base64url')}`;
    const apiKeys = join(folder, 'api-keys');
    writeFileSync(apiKeys, `oncall ${createHash('sha256').update(world.key).digest('hex')}\n`);
    world.server = await Server.start({
      database: join(folder, 'chat.db'),
      ca: world.pki.root,
      args: [
        ...world.pki.settings,
        '--jwks', keys,
        '--api-key-file', apiKeys,
        '--max-content', '20000',
        '--max-queue-bytes', '400000',
        '--memory-limit', '500000000',
        '--rate-events-per-user', '200:500',
        '--max-connections-per-address', '400',
      ],
      env: { LD_PRELOAD: shim, GAME_DAY_CONTROL: world.#control },
    });
    world.prometheus = await Prometheus.start({
      target: `127.0.0.1:${world.server.port}`,
      scheme: 'https',
      rules: hurried(),
    });
    world.town = new Town(world.server, { sign: signer(key, 'k1'), ca: world.pki.root });
    await world.town.live();
    return world;
  }

  /// Tells what stands between the server and its system what to do from now on.
  control({ diskFull = 0, diskDelayUs = 0, clockAheadMs = 0, heldBytes = 0 }) {
    const bytes = Buffer.alloc(32);
    [diskFull, diskDelayUs, clockAheadMs, heldBytes].forEach((each, i) => bytes.writeBigInt64LE(BigInt(each), i * 8));
    // In place: the server has the file mapped.
    writeFileSync(this.#control, bytes, { flag: this.#made ? 'r+' : 'w' });
    this.#made = true;
  }
  #made = false;

  /// Has `act` called when the fault ends.
  atEnd(act) {
    this.#atEnd.push(act);
  }
  endFault() {
    this.#atEnd.splice(0).forEach((act) => act());
  }

  later = (ms) => pause(ms);

  /// Does what a nightly job does: fetches what the authority says, and has the server read it.
  async refreshCertificates() {
    await this.pki.refresh();
    this.server.child.kill('SIGHUP');
  }

  /// Asks a route for people on call; `undefined` if there is no answer.
  async look(path) {
    try {
      const answer = await request(this.server, 'GET', path, undefined, { authorization: `Bearer ${this.key}` });
      return answer.text;
    } catch {
      return undefined;
    }
  }

  async end() {
    this.town.leave();
    await this.prometheus.stop();
    if (this.server.child.exitCode === null && this.server.child.signalCode === null) await this.server.kill();
  }
}
