import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserWindow, app, safeStorage, utilityProcess } from 'electron';
import { systemClock } from '../shared/clock.ts';
import { systemRandom } from '../shared/node/system-random.ts';
import type { KioskSnapshot } from '../shared/model/visit.schema.ts';
import type { OutOfServiceReason } from '../shared/model/visit.ts';
import { ok } from '../shared/result.ts';
import { type Settings, openSettings, settingsSchema } from './config.ts';
import type { HostProcess } from './devices/device-host.ts';
import { KeyForwarder, hasTypingScanner } from './devices/key-forwarder.ts';
import { kioskHandlers } from './ipc/kiosk-handlers.ts';
import { type IpcHandlers, outOfServiceHandlers, registerIpc, sendEvent } from './ipc/register.ts';
import { brokenSnapshot } from './kiosk-snapshot.ts';
import { Kiosk } from './kiosk.ts';
import type { Logger } from '../shared/util/logger.ts';
import { createLogger } from './platform/logger.ts';
import { FaceVault, vaultFileName } from './face/face-vault.ts';
import { type Secrets, loadSecrets } from './platform/secrets.ts';
import { openDatabase } from './storage/database.ts';
import { harden, isOurPage, openWindow, serveRenderer } from './window.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** What runs once everything is put together, or stands still because something essential is missing. */
interface Running {
  handlers: IpcHandlers;
  start(): void;
  stop(): Promise<void>;
  cameraWanted: () => boolean;
}

/** Composition root: settings, secrets, database, kiosk, window. */
export function startApp(): void {
  const dataDir = app.getPath('userData');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const clock = systemClock;
  const logger = createLogger({ clock, level: 'info', destination: { file: join(dataDir, 'kaimen.log') } });
  logger.info('app.start', { version: app.getVersion(), electron: process.versions.electron });
  process.on('uncaughtException', (error) => {
    // A bug: the state in memory cannot be trusted any more; the journal can. The launcher starts the app again.
    logger.error('app.bug', { error: error.stack ?? String(error) });
    app.exit(70);
  });

  let cameraWanted = (): boolean => false;
  harden(logger, () => cameraWanted());
  serveRenderer(join(here, '../renderer'), logger);
  const preload = join(here, '../preload/index.cjs');
  // The page loads in its own process while main opens the database.
  const window = openWindow({ preload, size: process.env['KAIMEN_WINDOW'], clock, logger });
  const running = putTogether(dataDir, logger, window);
  ({ cameraWanted } = running);
  registerIpc({ handlers: running.handlers, guards: { page: isOurPage }, logger });
  running.start();
  endInOrder(running, logger);
}

function putTogether(dataDir: string, logger: Logger, window: BrowserWindow): Running {
  const opened = openSettings(dataDir);
  if (!opened.ok) {
    logger.error('settings.invalid', { error: opened.error.message });
    return standStill(settingsSchema.parse({}), 'storage_failed');
  }
  const { settings } = opened.value;
  const secrets = loadSecrets({ dir: dataDir, safeStorage, logger });
  if (!secrets.ok) {
    logger.error('secrets.failed', { error: secrets.error.message });
    return standStill(settings, 'storage_failed');
  }
  const path = join(dataDir, 'kaimen.db');
  // A cabinet that has been in service (its token is used up) and has no database has lost charges: a human must know.
  if (!existsSync(path) && settings.enrolToken === null) {
    logger.error('storage.missing');
    return standStill(settings, settings.cabinetId === 'UNSET' ? 'not_enrolled' : 'storage_failed');
  }
  const database = openDatabase({ path, keyHex: secrets.value.databaseKeyHex, clock: systemClock, logger });
  if (!database.ok) {
    const newer = database.error.code === 'storage.newer';
    return standStill(settings, newer ? 'storage_newer' : 'storage_failed');
  }
  const vault = openVault(dataDir, settings, secrets.value, logger);
  const kiosk = new Kiosk({
    vault,
    settings: opened.value,
    secrets: secrets.value,
    database: database.value,
    clock: systemClock,
    random: systemRandom,
    logger,
    spawnHost: () => spawnDeviceHost(logger),
    onSnapshot: (snapshot) => {
      sendEvent(window.webContents, 'snapshot', snapshot);
    },
  });
  forwardKeys(window, settings, kiosk);
  return {
    handlers: kioskHandlers(kiosk),
    start: () => {
      kiosk.start();
    },
    stop: async () => {
      await kiosk.stop();
      vault?.close();
      database.value.close();
    },
    cameraWanted: () => kiosk.faces?.cameraWanted ?? false,
  };
}

/** Out of service, locked, files untouched: nothing to start, nothing to save. */
function standStill(settings: Settings, reason: OutOfServiceReason): Running {
  const snapshot: KioskSnapshot = brokenSnapshot(settings, reason, systemClock.nowMs());
  return {
    handlers: outOfServiceHandlers({ 'visit.getSnapshot': () => ok(snapshot) }),
    start: () => undefined,
    stop: () => Promise.resolve(),
    cameraWanted: () => false,
  };
}

/** Null: the settings want no faces, or their file does not open; then the code is the way in, and the log says why. */
function openVault(dataDir: string, settings: Settings, secrets: Secrets, logger: Logger): FaceVault | null {
  if (!settings.face.enabled) return null;
  const { vaultKeyHex } = secrets;
  const vault = FaceVault.open({
    path: join(dataDir, vaultFileName),
    vaultKeyHex,
    clock: systemClock,
    logger,
  });
  if (vault.ok) return vault.value;
  logger.error('vault.failed', { error: vault.error.message });
  return null;
}

/** A scanner that types gets the window's keys, and the page none of them. */
function forwardKeys(window: BrowserWindow, settings: Settings, kiosk: Kiosk): void {
  if (!hasTypingScanner(settings.cabinet)) return;
  const forwarder = new KeyForwarder(systemClock, (presses) => {
    kiosk.devices.sendKeys(presses);
  });
  window.webContents.on('before-input-event', (event, input) => {
    event.preventDefault();
    forwarder.key(input);
  });
}

function spawnDeviceHost(logger: Logger): HostProcess {
  const child = utilityProcess.fork(join(here, 'device-host.js'), [], {
    serviceName: 'Kaimen devices',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    logger.warn('host.stderr', { text: chunk.toString().slice(0, 500) });
  });
  return {
    postMessage: (message) => {
      child.postMessage(message);
    },
    kill: () => {
      // A host that hangs in a native library does not hear SIGTERM, which `child.kill()` sends.
      if (child.pid !== undefined) endProcess(child.pid);
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      child.on('exit', listener);
    },
  };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Devices and database are closed before the process ends, once. */
function endInOrder(running: Running, logger: Logger): void {
  let ending = false;
  app.on('window-all-closed', () => {
    app.quit();
  });
  app.on('before-quit', (event) => {
    if (ending) return;
    ending = true;
    event.preventDefault();
    void running.stop().finally(() => {
      logger.info('app.end');
      app.quit();
    });
  });
}
