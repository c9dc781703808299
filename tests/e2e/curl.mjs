// HTTP through curl.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, temporaryFolder } from './support.mjs';

/// Runs curl with `args` against `path`; returns `{status, headers, text, body}`. Header names are
/// in lower case, `body` is the parsed JSON if it is JSON.
export async function curl(server, path, ...args) {
  const fixed = ['--silent', '--show-error', '--include', '--globoff', '--max-time', '30'];
  const { code, stdout, stderr } = await run('curl', [...fixed, ...args, `${server.url}${path}`]);
  if (code !== 0) throw new Error(`curl ${path} ${args}: ${code} ${stderr}`);
  let rest = stdout;
  let head;
  do {
    const end = rest.indexOf('\r\n\r\n');
    [head, rest] = [rest.slice(0, end), rest.slice(end + 4)];
  } while (/^HTTP\/1\.1 100 /.test(head));
  const [statusLine, ...lines] = head.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(statusLine.split(' ')[1]), headers, text: rest, body: parsed(rest) };
}

/// POSTs `body`: text as it is, anything else as JSON. It goes through a file, since a command line
/// cannot hold everything.
export async function post(server, path, body, ...args) {
  const file = join(temporaryFolder(), 'body');
  writeFileSync(file, typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  return curl(server, path, '--data-binary', `@${file}`, ...args);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
