import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageContentTypes } from '../../shared/util/content-types.ts';

/** Nothing from elsewhere is loaded, run or asked, and no other page frames this one. */
const contentPolicyWith = (styles: string): string =>
  [
    `default-src 'none'; script-src 'self'; style-src 'self'${styles}; font-src 'self'; img-src 'self' data: blob:`,
    `connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  ].join('; ');
const contentPolicy = contentPolicyWith('');

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
 * Serves the built page below `place` (with a slash at both ends), where it is there. The files are read once, and packed when
 * somebody asks for them first: most starts serve no page. What is asked for is looked up in a list of names and never a path. An address that is none of them and has no dot is a place within the page.
 */
export function servePage(app: FastifyInstance, folder: string, place = '/'): void {
  const files = readPage(folder);
  const send = async (request: FastifyRequest, reply: FastifyReply, name: string): Promise<FastifyReply> => {
    const file = files.get(name);
    if (file === undefined) return reply.code(404).send();
    if (file.policy !== null) void reply.header('content-security-policy', file.policy);
    // Names of built files have a hash of what is in them.
    if (name.startsWith('assets/'))
      void reply.header('cache-control', 'private, max-age=31536000, immutable');
    const coding = file.packed === null ? null : codingFor(request.headers['accept-encoding'] ?? '');
    if (file.packed !== null) void reply.header('vary', 'accept-encoding');
    if (coding !== null) void reply.header('content-encoding', coding);
    const body = coding === null ? file.body : ((await file.packed?.(coding)) ?? file.body);
    return reply.type(pageContentTypes[extname(name)] ?? 'application/octet-stream').send(body);
  };
  app.get(`${place}*`, (request, reply) => {
    const [path = ''] = request.url.slice(place.length).split('?');
    if (path.startsWith('api/')) return reply.code(404).send();
    return send(request, reply, files.has(path) || path.includes('.') ? path : 'index.html');
  });
}

type Coding = 'br' | 'gzip';
interface PageFile {
  readonly body: Buffer;
  /** As it goes over a slow line; null: it is not text. */
  readonly packed: ((coding: Coding) => Promise<Buffer>) | null;
  /** Of a page with styles of its own: these, too; null: as everywhere. */
  readonly policy: string | null;
}
/** More takes seconds, and saves a hundredth. */
const brotliParams = { [constants.BROTLI_PARAM_QUALITY]: 9 };
const packBy: Readonly<Record<Coding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) => promisify(brotliCompress)(body, { params: brotliParams }),
  gzip: (body) => promisify(gzip)(body),
};
const texts = new Set(['.html', '.js', '.css', '.svg', '.json']);

function readPage(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).replaceAll('\\', '/'), pageFileOf(extname(path), readFileSync(path)));
  }
  return files;
}

function pageFileOf(kind: string, body: Buffer): PageFile {
  const packed = texts.has(kind) ? packedOnce(body) : null;
  // A page that draws with its first answer brings its styles along (web/phone): those alone are allowed, by their hash.
  const styles = kind === '.html' ? [...body.toString().matchAll(/<style>(.*?)<\/style>/gs)] : [];
  const hashes = styles.map(
    ([, css = '']) => ` 'sha256-${createHash('sha256').update(css).digest('base64')}'`,
  );
  return { body, packed, policy: hashes.length === 0 ? null : contentPolicyWith(hashes.join('')) };
}

/** Each coding once, in Node's pool of threads. */
function packedOnce(body: Buffer): (coding: Coding) => Promise<Buffer> {
  const made = new Map<Coding, Promise<Buffer>>();
  return (coding) => {
    const packed = made.get(coding) ?? packBy[coding](body);
    made.set(coding, packed);
    return packed;
  };
}

/** What this browser can unpack; null: it does not say. */
function codingFor(accepted: string): Coding | null {
  const words = accepted.split(',').map((word) => word.trim().split(';'));
  const isTaken = (name: string): boolean =>
    words.some(([word, weight = '']) => word === name && !/^\s*q=0(\.0*)?$/.test(weight));
  return isTaken('br') ? 'br' : isTaken('gzip') ? 'gzip' : null;
}
