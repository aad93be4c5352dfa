import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { catalogFolder } from './catalog.ts';

const panelFolder = fileURLToPath(new URL('./panel/', import.meta.url));
/** Not the panel's own, but imported by it. */
const switchesFile = fileURLToPath(new URL('./switches.ts', import.meta.url));
/** Names that the panel may ask for: nothing with a path in it. */
const namePattern = /^[a-z0-9-]{1,60}\.(html|css|ts|svg)$/;
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  // The page's TypeScript is served with its types blanked out.
  ts: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " +
  "'self'; base-uri 'none'; form-action 'none'";

/** Serves the panel's own files (`/`, `/panel.css`, `/panel.ts` …) and the pictures of the goods (`/catalog/<name>.svg`). */
export async function servePanelFile(path: string, response: ServerResponse): Promise<void> {
  const isPicture = path.startsWith('/catalog/');
  const name = path === '/' ? 'index.html' : path.slice(isPicture ? '/catalog/'.length : 1);
  const extension = namePattern.exec(name)?.[1];
  const body = extension === undefined ? null : await load(isPicture, name, extension);
  if (body === null || extension === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'not_found', message: path }));
    return;
  }
  response.writeHead(200, {
    'content-type': types[extension],
    'content-security-policy': contentSecurityPolicy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

async function load(isPicture: boolean, name: string, extension: string): Promise<string | null> {
  if (isPicture !== (extension === 'svg')) return null;
  const file = name === 'switches.ts' ? switchesFile : (isPicture ? catalogFolder : panelFolder) + name;
  try {
    const text = await readFile(file, 'utf8');
    return extension === 'ts' ? stripTypeScriptTypes(text) : text;
  } catch {
    return null;
  }
}
