// Tokens as an issuer makes them, with Node's own cryptography.
import crypto from 'node:crypto';

export const secret = 'a secret that is long enough for it';

const url = (value) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/// Returns seconds since 1970, `ahead` from now.
export const inSeconds = (ahead) => Math.floor(Date.now() / 1000) + ahead;

/// Returns `header.payload.signature`, with the signature that `sign` makes of the first two.
export function token(claims, { alg = 'HS256', header = {}, sign = hs256() } = {}) {
  const text = `${url({ alg, typ: 'JWT', ...header })}.${url(claims)}`;
  return `${text}.${sign(text).toString('base64url')}`;
}

export const hs256 =
  (key = secret) =>
  (text) =>
    crypto.createHmac('sha256', key).update(text).digest();

/// A key pair of an algorithm: `{ pem, jwk(kid), sign(claims, header) }`.
export function issuer(alg) {
  const { publicKey, privateKey } = {
    RS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: () => crypto.generateKeyPairSync('ed25519'),
  }[alg]();
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' };
  const raw = (text) => crypto.sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(text), key);
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }),
    jwk: (kid) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' }),
    raw,
    der: (text) => crypto.sign('sha256', Buffer.from(text), privateKey),
    sign: (claims, header) => token(claims, { alg, header, sign: raw }),
  };
}
