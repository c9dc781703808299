// JSON Web Tokens by hand: right ones, and wrong ones in every way.
import { createHmac } from 'node:crypto';

export const secret = 'a secret of the hostile suite, long enough for HS256';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const hmac = (algorithm, key, text) =>
  createHmac(algorithm, key).update(text).digest('base64url');

/// A token with this header and these claims, signed with `key`.
export function signed(claims, { header = { alg: 'HS256', typ: 'JWT' }, key = secret } = {}) {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${hmac('sha256', key, text)}`;
}

const inAnHour = () => Math.floor(Date.now() / 1000) + 3_600;

/// What a good token says of a user.
export const claimsOf = (user) => ({ sub: user, exp: inAnHour() });

/// What goes into CONNECT for a user.
export const credentials = (user) => ({ token: signed(claimsOf(user)) });
/// The packet with it.
export const connectPacket = (user) => `40${JSON.stringify(credentials(user))}`;
/// What goes over HTTP for a user.
export const bearer = (user) => ({ authorization: `Bearer ${signed(claimsOf(user))}` });

/// Tokens that must open nothing, by what is wrong with them.
export function forgeries(user) {
  const claims = claimsOf(user);
  const good = signed(claims);
  const [header, payload, signature] = good.split('.');
  const now = Math.floor(Date.now() / 1000);
  const withHeader = (change) => signed(claims, { header: { alg: 'HS256', typ: 'JWT', ...change } });
  const unsigned = (alg) => `${encode({ alg, typ: 'JWT' })}.${payload}.`;
  return {
    'no token': '',
    'a word': 'token',
    'no signature': `${header}.${payload}`,
    'an empty signature': `${header}.${payload}.`,
    'the signature of other claims': `${header}.${encode({ ...claims, sub: 'admin' })}.${signature}`,
    'a cut signature': good.slice(0, -1),
    'a longer signature': `${good}AAAA`,
    'a signature that is no base64url': `${header}.${payload}.${signature.slice(0, -1)}=`,
    'a fourth part': `${good}.${signature}`,
    'alg none': unsigned('none'),
    'alg NONE': unsigned('nOnE'),
    'alg none with a signature': `${unsigned('none')}${signature}`,
    'no alg': signed(claims, { header: { typ: 'JWT' } }),
    'another alg with the same key': withHeader({ alg: 'HS512' }),
    'an alg of another kind': withHeader({ alg: 'RS256' }),
    'an alg that is no text': withHeader({ alg: ['HS256'] }),
    'a header that demands what is unknown': withHeader({ crit: ['b64'], b64: false }),
    'an empty key': signed(claims, { key: '' }),
    'another key': signed(claims, { key: `${secret} not` }),
    'a key of its own': signed(claims, {
      header: { alg: 'HS256', jwk: { kty: 'oct', k: 'bWluZQ' }, kid: '../../dev/null' },
      key: 'mine',
    }),
    'an end in the past': signed({ ...claims, exp: now - 3_600 }),
    'an end that is no number': signed({ ...claims, exp: 'never' }),
    'a beginning in the future': signed({ ...claims, nbf: now + 3_600 }),
    'no user': signed({ exp: claims.exp }),
    'an empty user': signed({ ...claims, sub: '' }),
    'a user that is no text': signed({ ...claims, sub: 7 }),
    'claims that are no object': signed(['admin']),
    'JSON that nests without end': `${header}.${Buffer.from(`{"sub":${'['.repeat(2_000)}`).toString('base64url')}.${signature}`,
    'a very long token': `${header}.${'A'.repeat(30_000)}.${signature}`,
  };
}
