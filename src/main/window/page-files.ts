import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { type Session, protocol } from 'electron';
import { keptPicturePath } from '../../shared/model/goods-picture.ts';
import type { GoodsPictureFiles } from '../platform/goods-picture-files.ts';
import type { IpcCaller } from '../../shared/ipc/table.schema.ts';
import { pageContentTypes } from '../../shared/util/content-types.ts';
import type { RepeatedWarnings } from '../platform/repeated-warnings.ts';

/** Our pages come from a scheme of its own: no file:// rights, one origin, our headers. */
const scheme = 'app';
export const origin = `${scheme}://kaimen`;
/** The one document of each. */
export const documentUrls: Readonly<Record<IpcCaller, string>> = {
  page: `${origin}/index.html`,
  face: `${origin}/face.html`,
  pin: `${origin}/pin.html`,
  goods: `${origin}/goods.html`,
};

/** Fixed for the whole app; `style-src` allows inline styles because React sets the style attribute. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "media-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // No word for modals: window.print() opens nothing.
  'sandbox allow-scripts allow-same-origin',
];
/** Page and PIN view start no worker; the other two start the one that looks at pictures. */
const documentPolicies: Readonly<Record<IpcCaller, string>> = {
  page: [...contentSecurityPolicy, "worker-src 'none'"].join('; '),
  pin: [...contentSecurityPolicy, "worker-src 'none'"].join('; '),
  face: [...contentSecurityPolicy, "worker-src 'self'"].join('; '),
  goods: [...contentSecurityPolicy, "worker-src 'self'"].join('; '),
};

/**
 * Only for a worker's own script: it compiles WebAssembly and reads the model files of this scheme. The view that starts it
 * may do neither. A worker has the policy that its script came with, not that of its page (CSP Level 3, §4.2.3).
 */
const workerSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
].join('; ');
const workerFolder = 'workers';
/** Neither of them is there for those that have no camera to look through. */
const onlyForCameras = [workerFolder, 'models'];

const contentTypes: Record<string, string> = {
  ...pageContentTypes,
  '.wasm': 'application/wasm',
  // Models.
  '.onnx': 'application/octet-stream',
  '.bin': 'application/octet-stream',
};

/** A picture that is not here yet may be here with the next screen: nothing is kept of a no. */
async function sendPicture(pictures: Pick<GoodsPictureFiles, 'read'>, name: string): Promise<Response> {
  const found = await pictures.read(name).catch(() => null);
  if (found === null) return new Response('not found', { status: 404 });
  const { bytes, type } = found;
  return new Response(new Uint8Array(bytes), {
    headers: { 'content-type': type, 'x-content-type-options': 'nosniff' },
  });
}

/** Must run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built renderer to one session, as far as it is for that caller, and nothing outside its folder. */
export function serveRenderer(options: {
  readonly session: Session;
  readonly caller: IpcCaller;
  readonly folder: string;
  /** Pictures of goods that came from the operator, for the page. */
  readonly pictures: Pick<GoodsPictureFiles, 'read'>;
  readonly warnings: RepeatedWarnings;
}): void {
  const { session, caller, folder, pictures, warnings } = options;
  const isIn = (path: string, name: string): boolean => path.startsWith(join(folder, name) + sep);
  const isOthers = (path: string): boolean =>
    ((caller === 'page' || caller === 'pin') && onlyForCameras.some((name) => isIn(path, name))) ||
    Object.entries(documentUrls).some(
      ([other, url]) => other !== caller && path === join(folder, url.slice(origin.length + 1)),
    );
  session.protocol.handle(scheme, async (request) => {
    const { host, pathname } = new URL(request.url);
    if (caller === 'page' && host === 'kaimen' && pathname.startsWith(keptPicturePath))
      return sendPicture(pictures, pathname.slice(keptPicturePath.length));
    const path = normalize(join(folder, decodeURIComponent(pathname)));
    const type = contentTypes[extname(path)];
    if (host !== 'kaimen' || !path.startsWith(folder + sep) || type === undefined || isOthers(path)) {
      warnings.warn('page.refused', caller, { caller, path: pathname.slice(0, 100) });
      return new Response('not found', { status: 404 });
    }
    try {
      const body = await readFile(path);
      return new Response(new Uint8Array(body), {
        headers: {
          'content-type': type,
          'content-security-policy': isIn(path, workerFolder)
            ? workerSecurityPolicy
            : documentPolicies[caller],
          'x-content-type-options': 'nosniff',
        },
      });
    } catch {
      return new Response('not found', { status: 404 });
    }
  });
}
