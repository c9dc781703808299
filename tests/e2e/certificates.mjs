// Certificates as an authority issues them: a root that clients trust, one below it that signs, and
// a leaf for localhost, made by the openssl program.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, temporaryFolder } from './support.mjs';

async function openssl(...args) {
  const { code, stderr } = await run('openssl', args);
  assert.equal(code, 0, `openssl ${args.join(' ')}: ${stderr}`);
}

export class Authority {
  static async make() {
    const authority = new Authority();
    await authority.issue('root', 'Hubbub test root', 'basicConstraints=critical,CA:TRUE');
    await authority.issue('middle', 'Hubbub test middle', 'basicConstraints=critical,CA:TRUE', 'root');
    return authority;
  }

  folder = temporaryFolder();
  file = (name) => join(this.folder, name);

  get root() {
    return readFileSync(this.file('root.pem'));
  }

  /// Certificate `stem`.pem and key `stem`.key, signed by `by`, or by itself.
  async issue(stem, name, extension, by) {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const names = ['-subj', `/CN=${name}`, '-addext', extension, '-keyout', this.file(`${stem}.key`)];
    const signer = by ? ['-CA', this.file(`${by}.pem`), '-CAkey', this.file(`${by}.key`)] : [];
    const days = ['-days', '2', '-out', this.file(`${stem}.pem`)];
    await openssl('req', '-x509', ...key, ...names, ...signer, ...days);
  }

  /// Puts a certificate for localhost called `name`, with its chain and its key, where a server
  /// with `settings` looks for it.
  async serve(name) {
    await this.issue('leaf', name, 'subjectAltName=DNS:localhost', 'middle');
    const chain = ['leaf', 'middle'].map((stem) => readFileSync(this.file(`${stem}.pem`)));
    writeFileSync(this.file('chain.pem'), Buffer.concat(chain));
  }

  get settings() {
    return ['--tls-cert', this.file('chain.pem'), '--tls-key', this.file('leaf.key')];
  }
}
