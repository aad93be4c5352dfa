import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { BrowserWindow, type WebFrameMain, app, protocol, session } from 'electron';
import type { Clock } from '../shared/clock.ts';
import { backoffMs } from '../shared/util/backoff.ts';
import type { Logger } from '../shared/util/logger.ts';

/** Our page comes from a scheme of its own: no file:// rights, one origin, our headers. */
const scheme = 'app';
const origin = `${scheme}://kaimen`;
export const pageUrl = `${origin}/index.html`;

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
].join('; ');

/**
 * Only for the face worker's own script: it compiles WebAssembly and reads the model files of this scheme. The page
 * itself may do neither. A worker has the policy that its script came with, not that of its page (CSP Level 3, §4.2.3).
 */
const workerSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
].join('; ');
const workerFolder = 'workers';

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  // Face models.
  '.onnx': 'application/octet-stream',
  '.bin': 'application/octet-stream',
};

/** A page that dies again and again is reloaded ever more slowly, up to this. */
const reloadMaxMs = 10_000;
const reloadFirstMs = 100;
const healthyAfterMs = 30_000;

/** Must run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** True for the main frame of our own page and for nothing else. */
export function isOurPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${origin}/`);
}

/** Serves the built renderer, and nothing outside its folder. */
export function serveRenderer(folder: string, logger: Logger): void {
  protocol.handle(scheme, async (request) => {
    const { host, pathname } = new URL(request.url);
    const path = normalize(join(folder, decodeURIComponent(pathname)));
    const type = contentTypes[extname(path)];
    if (host !== 'kaimen' || !path.startsWith(folder + sep) || type === undefined) {
      logger.warn('page.refused', { path: pathname.slice(0, 100) });
      return new Response('not found', { status: 404 });
    }
    try {
      const body = await readFile(path);
      return new Response(new Uint8Array(body), {
        headers: {
          'content-type': type,
          'content-security-policy': path.startsWith(join(folder, workerFolder) + sep)
            ? workerSecurityPolicy
            : contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
        },
      });
    } catch {
      return new Response('not found', { status: 404 });
    }
  });
}

/** Denies by default whatever a web page could ask for: permissions, navigation, windows, downloads, other hosts. */
export function harden(logger: Logger, cameraWanted: () => boolean): void {
  const ours = session.defaultSession;
  ours.setPermissionRequestHandler((contents, permission, callback, details) => {
    const types = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    // The camera alone, for our own page alone, and only while what is on screen needs it.
    const allowed =
      permission === 'media' &&
      types.length === 1 &&
      types[0] === 'video' &&
      isOurPage(contents.mainFrame) &&
      details.isMainFrame &&
      cameraWanted();
    if (!allowed) logger.warn('page.permission_denied', { permission, types });
    callback(allowed);
  });
  ours.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin, details) =>
      permission === 'media' &&
      details.mediaType === 'video' &&
      requestingOrigin.replace(/\/$/, '') === origin &&
      cameraWanted(),
  );
  ours.setDevicePermissionHandler(() => false);
  ours.on('will-download', (event) => {
    event.preventDefault();
  });
  ours.webRequest.onBeforeRequest((details, callback) => {
    const allowed = details.url.startsWith(`${origin}/`) || details.url.startsWith('devtools://');
    if (!allowed) logger.warn('page.request_denied', { url: details.url.slice(0, 100) });
    callback({ cancel: !allowed });
  });
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (event.url !== pageUrl) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
    });
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** `1080x1920` → a plain window of that size at the left edge (development, tests); else → full-screen kiosk. */
function plainWindow(text: string | undefined): Electron.Rectangle | null {
  const match = /^(\d{3,4})x(\d{3,4})$/.exec(text ?? '');
  return match === null ? null : { x: 0, y: 0, width: Number(match[1]), height: Number(match[2]) };
}

export function openWindow(options: {
  preload: string;
  size: string | undefined;
  clock: Clock;
  logger: Logger;
}): BrowserWindow {
  const { clock, logger } = options;
  const plain = plainWindow(options.size);
  const window = new BrowserWindow({
    ...(plain ?? { width: 1080, height: 1920 }),
    useContentSize: true,
    kiosk: plain === null,
    frame: plain !== null,
    resizable: false,
    autoHideMenuBar: true,
    backgroundColor: '#FAF8F4',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      spellcheck: false,
      // A visit may begin with a scan, without a touch: the sounds must not wait for one.
      autoplayPolicy: 'no-user-gesture-required',
      devTools: !app.isPackaged,
      // The cabinet's screen never sleeps: countdowns and the live basket must not be throttled.
      backgroundThrottling: false,
    },
  });
  window.removeMenu();
  let loadedMs = 0;
  let reloadCount = 0;
  const load = (): void => {
    loadedMs = clock.monotonicMs();
    window.loadURL(pageUrl).catch((error: unknown) => {
      logger.error('page.load_failed', { error: String(error) });
    });
  };
  const reload = (why: string): void => {
    logger.error('page.gone', { why });
    if (clock.monotonicMs() - loadedMs > healthyAfterMs) reloadCount = 0;
    const bounds = { firstMs: reloadFirstMs, capMs: reloadMaxMs, jitterShare: 0, random01: 0 };
    clock.after(backoffMs({ ...bounds, failureCount: reloadCount++ }), () => {
      if (!window.isDestroyed()) load();
    });
  };
  window.webContents.on('render-process-gone', (_event, details) => {
    reload(details.reason);
  });
  window.webContents.on('unresponsive', () => {
    window.webContents.forcefullyCrashRenderer();
  });
  load();
  return window;
}
