import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { pageContentTypes } from '../../shared/util/content-types.ts';

/** Nothing from elsewhere is loaded, run or asked, and no other page frames this one. */
const contentPolicy = [
  `default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:`,
  `connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
].join('; ');

/** With every answer, of the API too. `asksPosition`: the page may ask where it is, and its owner whether to say so. */
export function addSecurityHeaders(
  app: FastifyInstance,
  { asksPosition = false }: { readonly asksPosition?: boolean } = {},
): void {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({
      'content-security-policy': contentPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000',
      'permissions-policy': `camera=(), microphone=(), geolocation=(${asksPosition ? 'self' : ''})`,
      'cache-control': 'no-store',
    });
    done();
  });
}

/**
 * Serves the built page below `place` (with a slash at both ends), where it is there. The files are read once: what is asked
 * for is looked up in a list of names and never a path. An address that is none of them and has no dot is a place within the page.
 */
export function servePage(app: FastifyInstance, folder: string, place = '/'): void {
  const files = readPage(folder);
  const send = (reply: FastifyReply, name: string): FastifyReply => {
    const body = files.get(name);
    if (body === undefined) return reply.code(404).send();
    // Names of built files have a hash of what is in them.
    if (name.startsWith('assets/'))
      void reply.header('cache-control', 'private, max-age=31536000, immutable');
    return reply.type(pageContentTypes[extname(name)] ?? 'application/octet-stream').send(body);
  };
  app.get(`${place}*`, (request, reply) => {
    const [path = ''] = request.url.slice(place.length).split('?');
    if (path.startsWith('api/')) return reply.code(404).send();
    return send(reply, files.has(path) || path.includes('.') ? path : 'index.html');
  });
}

function readPage(folder: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).replaceAll('\\', '/'), readFileSync(path));
  }
  return files;
}
