/// The address at which the page is served, which need not be the top of its server: a proxy may
/// have put it below a path. Everything else on the server is addressed from here, without a
/// leading slash.
const address = new URL('.', globalThis.document?.baseURI ?? 'http://localhost/');

export const basePath = address.pathname;

/// Returns the path of `name` below the page's own.
export const below = (name) => basePath + name;
