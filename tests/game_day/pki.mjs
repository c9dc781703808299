// An authority that can revoke: a root, a certificate for localhost, its list of revoked certificates,
// and what it answers over OCSP.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, temporaryFolder } from '../e2e/support.mjs';

export class Pki {
  folder = temporaryFolder();
  file = (name) => join(this.folder, name);

  static async make() {
    const made = new Pki();
    writeFileSync(made.file('index.txt'), '');
    writeFileSync(made.file('serial'), '1000\n');
    writeFileSync(made.file('crlnumber'), '1000\n');
    writeFileSync(
      made.file('ca.cnf'),
      `[ca]
default_ca = here
[here]
database = ${made.file('index.txt')}
serial = ${made.file('serial')}
crlnumber = ${made.file('crlnumber')}
new_certs_dir = ${made.folder}
certificate = ${made.file('root.pem')}
private_key = ${made.file('root.key')}
default_md = sha256
default_crl_days = 30
policy = any
[any]
commonName = supplied
[leaf]
subjectAltName = DNS:localhost, IP:127.0.0.1
`,
    );
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    await made.#openssl('req', '-x509', ...key, '-subj', '/CN=Root', '-days', '365',
      '-addext', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
      '-keyout', made.file('root.key'), '-out', made.file('root.pem'));
    await made.#openssl('req', '-new', ...key, '-subj', '/CN=localhost',
      '-keyout', made.file('leaf.key'), '-out', made.file('leaf.csr'));
    await made.#openssl('ca', '-batch', '-config', made.file('ca.cnf'), '-extensions', 'leaf', '-days', '90',
      '-notext', '-in', made.file('leaf.csr'), '-out', made.file('leaf.pem'));
    await made.refresh();
    return made;
  }

  get root() {
    return readFileSync(this.file('root.pem'));
  }

  get settings() {
    const at = (name) => this.file(name);
    return ['--tls-cert', at('leaf.pem'), '--tls-key', at('leaf.key'), '--tls-ocsp', at('leaf.der')];
  }

  /// Fetches the list of what is revoked and the answer about the certificate anew, as a nightly job
  /// does.
  async refresh() {
    await this.#openssl('ca', '-config', this.file('ca.cnf'), '-gencrl', '-out', this.file('crl.pem'));
    await this.#openssl('ocsp', '-index', this.file('index.txt'), '-CA', this.file('root.pem'),
      '-rsigner', this.file('root.pem'), '-rkey', this.file('root.key'), '-issuer', this.file('root.pem'),
      '-cert', this.file('leaf.pem'), '-ndays', '7', '-respout', this.file('leaf.der'), '-noverify');
  }

  async revoke() {
    await this.#openssl('ca', '-config', this.file('ca.cnf'), '-revoke', this.file('leaf.pem'));
    await this.#openssl('ca', '-config', this.file('ca.cnf'), '-gencrl', '-out', this.file('crl.pem'));
  }

  async #openssl(...args) {
    const { code, stderr } = await run('openssl', args);
    assert.equal(code, 0, `openssl ${args.join(' ')}: ${stderr}`);
  }
}
