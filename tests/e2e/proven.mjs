// Servers and clients whose names are proven: by a token, or by an API key.
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, request, temporaryFolder } from './support.mjs';
import { inSeconds, secret, token } from './tokens.mjs';

/// Returns a token of this user, valid for an hour.
export const tokenOf = (sub, claims = {}) => token({ sub, exp: inSeconds(3600), ...claims });

/// Starts a server in token mode that knows an API key, `backend`'s: `{server, key}`. `options` are
/// those of `Server.start`.
export async function startWithTokens(options = {}) {
  const key = `hbk_${randomBytes(32).toString('base64url')}`;
  const file = join(temporaryFolder(), 'keys');
  writeFileSync(file, `backend ${createHash('sha256').update(key).digest('hex')}\n`);
  const env = { HUBBUB_JWT_SECRET: secret, HUBBUB_API_KEY_FILE: file };
  return { server: await Server.start({ env, ...options }), key };
}

/// Makes a request with a token or an API key.
export const requestAs = (bearer, server, method, path, body) =>
  request(server, method, path, body, { authorization: `Bearer ${bearer}` });
