// JSON Web Tokens by hand: right ones, and wrong ones in every way.
import { createHmac } from 'node:crypto';
import { issuer, token } from '../tokens.mjs';

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

export const tokenIssuer = 'the issuer of the hostile suite';
export const audience = 'chat';

let issuers;
/// Who may sign beside the secret: their public keys are the server's too. Made when asked for, which
/// the good clients never do.
export const keyPairs = () =>
  (issuers ??= { rsa: issuer('RS256'), ec: issuer('ES256') });

/// What a good token says of a user.
export const claimsOf = (user) => ({
  sub: user,
  iss: tokenIssuer,
  aud: audience,
  exp: inAnHour(),
});

/// Tokens that are good, one of each kind of key: what is forged differs from them in one thing.
export const goodTokens = (user) => ({
  'a secret': signed(claimsOf(user)),
  'an RSA key': keyPairs().rsa.sign(claimsOf(user)),
  'an EC key': keyPairs().ec.sign(claimsOf(user)),
});

/// What goes into CONNECT for a user.
export const credentials = (user) => ({ token: signed(claimsOf(user)) });
/// The packet with it.
export const connectPacket = (user) => `40${JSON.stringify(credentials(user))}`;
/// What goes over HTTP for a user.
export const bearer = (user) => ({ authorization: `Bearer ${signed(claimsOf(user))}` });

/// A token of header and claims as they are written here, signed with the secret.
function signedText(header, claims) {
  const text = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${text}.${hmac('sha256', secret, text)}`;
}

/// Claims that one reader takes for the one thing and another for the other.
function twofold(user) {
  const header = '{"alg":"HS256","typ":"JWT"}';
  const { sub, ...others } = claimsOf(user);
  const rest = JSON.stringify(others).slice(1);
  const claims = JSON.stringify(claimsOf(user));
  return {
    'two users': signedText(header, `{"sub":"nobody","sub":"${sub}",${rest}`),
    'two users, one of them escaped': signedText(header, `{"sub":"${sub}","s\\u0075b":"${sub}",${rest}`),
    'two ends': signedText(header, `{"sub":"${sub}","exp":1,${rest}`),
    'two issuers': signedText(header, `{"sub":"${sub}","iss":"me",${rest}`),
    'two algorithms': signedText('{"alg":"none","alg":"HS256"}', claims),
    'two keys': signedText('{"alg":"HS256","kid":"a","kid":"b"}', claims),
  };
}

/// Tokens of somebody else's making, or for somebody else.
function misdirected(user) {
  const claims = claimsOf(user);
  const { iss, aud, ...bare } = claims;
  return {
    'another issuer': signed({ ...claims, iss: 'me' }),
    'the issuer in another case': signed({ ...claims, iss: iss.toUpperCase() }),
    'no issuer': signed({ ...bare, aud }),
    'a list of issuers': signed({ ...claims, iss: [iss] }),
    'another audience': signed({ ...claims, aud: 'mail' }),
    'a longer audience': signed({ ...claims, aud: `${aud} ${aud}` }),
    'a list of other audiences': signed({ ...claims, aud: ['mail', `${aud}s`] }),
    'no audience': signed({ ...bare, iss }),
    'another audience, with an RSA key': keyPairs().rsa.sign({ ...claims, aud: 'mail' }),
  };
}

/// Public keys taken for secrets, and signatures of one kind for those of another.
function confused(user) {
  const claims = claimsOf(user);
  const { rsa, ec } = keyPairs();
  const strangers = { rsa: issuer('RS256'), ec: issuer('ES256') };
  const bytes = (pem) => Buffer.from(pem.replace(/-----[^\n]*-----|\n/g, ''), 'base64');
  const by = (alg, sign, header = {}) => token(claims, { alg, sign, header });
  const hmacOf = (text) => createHmac('sha256', secret).update(text).digest();
  return {
    'the RSA key as a secret': signed(claims, { key: rsa.pem }),
    'the RSA key without its last line end': signed(claims, { key: rsa.pem.trimEnd() }),
    'the bytes of the RSA key': signed(claims, { key: bytes(rsa.pem) }),
    'the EC key as a secret': signed(claims, { key: ec.pem }),
    'the bytes of the EC key': signed(claims, { key: bytes(ec.pem) }),
    'RS256 signed with the secret': by('RS256', hmacOf),
    'ES256 signed with the secret': by('ES256', hmacOf),
    'HS256 signed with the RSA key': by('HS256', rsa.raw),
    'ES256 signed with the RSA key': by('ES256', rsa.raw),
    'RS256 signed with the EC key': by('RS256', ec.raw),
    'EdDSA signed with the EC key': by('EdDSA', ec.raw),
    'PS256 with the RSA key': by('PS256', rsa.raw),
    'an EC signature in DER': by('ES256', ec.der),
    'an EC signature of zeros': by('ES256', () => Buffer.alloc(64)),
    'an empty EC signature': by('ES256', () => Buffer.alloc(0)),
    'an RSA signature of zeros': by('RS256', () => Buffer.alloc(256)),
    'another RSA key': strangers.rsa.sign(claims),
    'another EC key': strangers.ec.sign(claims),
    'another EC key, which it brings along': strangers.ec.sign(claims, {
      jwk: strangers.ec.jwk('mine'),
      kid: 'mine',
    }),
    'another RSA key, which it says where to find': strangers.rsa.sign(claims, {
      jku: 'http://127.0.0.1/keys',
      x5u: 'http://127.0.0.1/keys',
    }),
  };
}

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
    ...twofold(user),
    ...misdirected(user),
    ...confused(user),
    'an end in the past': signed({ ...claims, exp: now - 3_600 }),
    'an end that is no number': signed({ ...claims, exp: 'never' }),
    'a beginning in the future': signed({ ...claims, nbf: now + 3_600 }),
    'no user': signed({ ...claims, sub: undefined }),
    'an empty user': signed({ ...claims, sub: '' }),
    'a user that is no text': signed({ ...claims, sub: 7 }),
    'claims that are no object': signed(['admin']),
    'JSON that nests without end': `${header}.${Buffer.from(`{"sub":${'['.repeat(2_000)}`).toString('base64url')}.${signature}`,
    'a very long token': `${header}.${'A'.repeat(30_000)}.${signature}`,
  };
}
