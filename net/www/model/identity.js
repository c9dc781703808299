/// Who the user is: a name in open mode, a token if the server wants one. `userId` is what the
/// server will call them.
export function identityOf(mode, value) {
  if (mode === 'token') {
    const claims = claimsOf(value);
    if (typeof claims?.sub !== 'string') return undefined;
    return { userId: claims.sub, username: claims.name ?? claims.sub, auth: { token: value } };
  }
  return { userId: value, username: value, auth: { username: value } };
}

/// Returns a token's claims about its bearer; only the server can tell whether they are true.
function claimsOf(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
