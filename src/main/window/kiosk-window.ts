import { BrowserWindow, type WebPreferences, app } from 'electron';
import type { Clock } from '../../shared/clock.ts';
import type { IpcCaller } from '../../shared/ipc/table.schema.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { sessionOf } from './hardening.ts';
import { documentUrls } from './page-files.ts';
import { PageWatch } from './page-watch.ts';

/** A page that dies again and again is reloaded ever more slowly, up to this. */
const reloadMaxMs = 10_000;
const reloadFirstMs = 100;
const healthyAfterMs = 30_000;

/** Paper, as long as nothing is drawn. */
export const backgroundColor = '#FAF8F4';

/** `1080x1920` → a plain window of that size at the left edge (development, tests); else → full-screen kiosk. */
export function plainWindow(text: string | undefined): Electron.Rectangle | null {
  const match = /^(\d{3,4})x(\d{3,4})$/.exec(text ?? '');
  return match === null ? null : { x: 0, y: 0, width: Number(match[1]), height: Number(match[2]) };
}

/** How the page and the views run: sandboxed and isolated, each with its own session and preload script. */
export function preferencesOf(caller: IpcCaller, preload: string): WebPreferences {
  return {
    preload,
    session: sessionOf(caller),
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    spellcheck: false,
    // No alert, confirm or prompt: a native window would lie over everything, and hold the page.
    disableDialogs: true,
    // Without these there is no showOpenFilePicker(): its window would lie over everything.
    disableBlinkFeatures: 'FileSystemAccessLocal',
    // A visit may begin with a scan, without a touch: the sounds must not wait for one.
    autoplayPolicy: 'no-user-gesture-required',
    devTools: !app.isPackaged,
    // The cabinet's screen never sleeps: countdowns and the live basket must not be throttled.
    backgroundThrottling: false,
  };
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
    backgroundColor,
    webPreferences: preferencesOf('page', options.preload),
  });
  window.removeMenu();
  let loadedMs = 0;
  let reloadCount = 0;
  const watch = new PageWatch({
    clock,
    logger,
    ask: () => window.webContents.executeJavaScript('0'),
    onHangs: () => {
      window.webContents.forcefullyCrashRenderer();
    },
  });
  window.webContents.on('did-finish-load', () => {
    watch.loaded();
  });
  window.on('closed', () => {
    watch.stop();
  });
  const load = (): void => {
    watch.stop();
    loadedMs = clock.monotonicMs();
    window.loadURL(documentUrls.page).catch((error: unknown) => {
      logger.error('page.load_failed', { error: String(error) });
    });
  };
  const reload = (why: string): void => {
    watch.stop();
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
