/// Where the page is served, which need not be the top of its server: a proxy may have put it
/// below a path. Everything else that the server has is named from here, without a leading slash.
const address = new URL('.', globalThis.document?.baseURI ?? 'http://localhost/');

export const basePath = address.pathname;

/// The path of `name` below the page's own.
export const below = (name) => basePath + name;
