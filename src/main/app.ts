import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, safeStorage } from 'electron';
import { systemClock } from '../shared/clock.ts';
import { type ExitReason, exitCodes } from '../shared/launcher.ts';
import type { IpcCaller } from '../shared/ipc/table.schema.ts';
import type { PinPad } from '../shared/model/pin-pad.schema.ts';
import type { OutOfServiceReason } from '../shared/model/visit.ts';
import { systemRandom } from '../shared/node/system-random.ts';
import { ok } from '../shared/result.ts';
import type { Logger } from '../shared/util/logger.ts';
import { compose } from './compose.ts';
import type { GoodsEyes } from './goods/goods-eyes.ts';
import type { Kiosk } from './compose/kiosk.ts';
import type { UpdatePorts } from './updates/update-ports.ts';
import { launcherPlace, sayHealth } from './updates/launcher-place.ts';
import { KeyForwarder } from './devices/key-forwarder.ts';
import { CallBudget } from './ipc/call-budget.ts';
import { kioskHandlers } from './ipc/kiosk-handlers.ts';
import { type IpcHandlers, done, outOfServiceHandlers, registerIpc } from './ipc/register.ts';
import { outOfServiceSnapshot } from './kiosk-snapshot.ts';
import type { ExitOnBug } from './platform/exit-on-bug.ts';
import { createLogger } from './platform/logger.ts';
import type { Quiescence } from './quiescence.ts';
import { RestartWhenQuiet } from './restart-when-quiet.ts';
import type { CameraOrder } from '../shared/model/face-view.schema.ts';
import { PinThread } from './service/pin-thread.ts';
import { lastGoodSettings, openSettings } from './settings/settings-file.ts';
import type { SettingsFailure } from './settings/settings-store.ts';
import { type Settings, settingsSchema } from './settings/settings-schema.ts';
import { spawnDeviceHost } from './spawn-device-host.ts';
import { StartUp, type Started } from './start-up.ts';
import { openDatabase } from './storage/database.ts';
import { GoodsPictureFiles } from './platform/goods-picture-files.ts';
import { Screens } from './window/screens.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** The kiosk behind the window, or the sign "out of service" because something essential is missing. */
interface RunningApp {
  readonly handlers: IpcHandlers;
  readonly quiescence: Quiescence;
  readonly cameraOrder: () => CameraOrder | null;
  /** The cameras inside; null: none are used. */
  readonly shelf: GoodsEyes | null;
  /** What somebody is asked for at the number pad; null: nothing. */
  readonly padView: () => PinPad | null;
  /** The number pad has gone as nobody meant it to. */
  readonly padLost: () => void;
  /** A key: for the scanner that types, where there is one. */
  readonly onKey: (input: Electron.Input) => void;
  start(): void;
  stop(): Promise<void>;
}

/** Window first (the page loads in its own process meanwhile), then the kiosk behind it. */
export function startApp(exitOnBug: ExitOnBug): void {
  const dataDir = app.getPath('userData');
  const logger = createLogger({
    clock: systemClock,
    level: 'info',
    destination: { file: join(dataDir, 'kaimen.log') },
  });
  logger.info('app.start', { version: app.getVersion(), electron: process.versions.electron });
  exitOnBug.tell(logger);

  // The page loads in its own process while the kiosk behind it is opened.
  const screens: Screens = new Screens({
    appFolder: join(here, '..'),
    pictures: new GoodsPictureFiles(dataDir),
    windowSize: process.env['KAIMEN_WINDOW'],
    clock: systemClock,
    logger,
    cameraOrder: () => startUp.app.cameraOrder(),
    shelf: {
      order: () => startUp.app.shelf?.order() ?? null,
      gallery: () => startUp.app.shelf?.gallery() ?? null,
      onGone: () => startUp.app.shelf?.viewGone(),
    },
    onPadLost: () => startUp.app.padLost(),
    onKey: (input) => {
      startUp.app.onKey(input);
    },
  });
  app.on('second-instance', () => {
    logger.warn('app.second_start');
    screens.toFront();
  });
  const place = launcherPlace((name) => app.commandLine.getSwitchValue(name));
  const trustedRoot = updateRoot();
  logger.info('app.launcher', { ...(place ?? { root: null }), hasTrustedRoot: trustedRoot !== null });
  let isPainted = false;
  const updates: UpdatePorts | undefined =
    place === null
      ? undefined
      : {
          ...{
            place,
            trustedRoot,
            version: app.getVersion(),
            platform: process.platform,
            arch: process.arch,
          },
          isPainted: () => isPainted,
          restart: () => {
            ending.shutdownGracefully('restart');
          },
        };
  const startUp: StartUp<RunningApp> = new StartUp({
    open: () =>
      openApp({ dataDir, logger, screens, updates, endApp: (reason) => ending.whenQuiet(reason) }, () => {
        startUp.restart();
      }),
    standIn: () => outOfServiceApp(lastSettings(dataDir), 'starting').app,
    onChange: (app) => {
      const shown = app.handlers['visit.getSnapshot']({}, 'page');
      if (shown.ok) screens.publish(shown.value);
      // Who was signed in before is not in this one.
      const service = app.handlers['service.getView']({}, 'page');
      screens.publishService(service.ok ? service.value : null, app.padView());
    },
    clock: systemClock,
    logger,
  });
  const budget = new CallBudget({
    clock: systemClock,
    logger,
    onFlood: (caller) => {
      screens.endCaller(caller);
    },
  });
  const handlersOf = (caller: IpcCaller): IpcHandlers => {
    // A page that asks is there and draws; the hidden views draw nothing.
    if (caller === 'page') isPainted = true;
    return startUp.app.handlers;
  };
  registerIpc({ handlers: handlersOf, callerOf: screens.callerOf, budget, logger });
  startUp.start();
  const ending = endInOrder(startUp, screens, logger);
}

function exitNow(reason: ExitReason): void {
  app.exit(exitCodes[reason]);
}

/** What is trusted of updates, as it came with the app; null: it came without, and none are looked for. */
function updateRoot(): string | null {
  try {
    return readFileSync(join(process.resourcesPath, 'update-root.json'), 'utf8');
  } catch {
    return null;
  }
}

interface Surroundings {
  readonly dataDir: string;
  readonly logger: Logger;
  readonly screens: Screens;
  readonly updates: UpdatePorts | undefined;
  readonly endApp: (reason: 'restart' | 'clean') => void;
}

function openApp(
  { dataDir, logger, screens, updates, endApp }: Surroundings,
  reopen: () => void,
): Started<RunningApp> {
  const settings = openSettings(dataDir, systemClock);
  if (!settings.ok) {
    const { code, message } = settings.error;
    logger.error(code, { error: message });
    const { reason, unfit } = settingsSigns[code];
    if (unfit !== null) tellUnfit(updates, `${unfit}: ${message}`, logger);
    // The last good ones are not used to run by, but whoever stands there still finds the number to call.
    return outOfServiceApp(lastSettings(dataDir), reason);
  }
  const kiosk = compose({
    dataDir,
    settings: settings.value,
    safeStorage,
    openDatabase,
    reopen,
    pinTagger: new PinThread(join(here, 'pin-worker.js'), logger),
    spawnHost: () => spawnDeviceHost(join(here, 'device-host.js'), logger),
    version: app.getVersion(),
    endApp,
    clock: systemClock,
    random: systemRandom,
    logger,
    appVersion: app.getVersion(),
    ...(updates === undefined ? {} : { updates }),
  });
  if (!kiosk.ok) {
    logger.error('app.out_of_service', { reason: kiosk.error.reason, error: kiosk.error.message });
    if (kiosk.error.reason === 'storage_newer') tellUnfit(updates, `data: ${kiosk.error.message}`, logger);
    return outOfServiceApp(settings.value.settings, kiosk.error.reason);
  }
  return { app: kioskApp(kiosk.value, screens), isInService: true };
}

/** What settings that cannot be used mean on the screen, and for a version that is tried; null: it may pass. */
const settingsSigns: Readonly<
  Record<SettingsFailure['code'], { reason: OutOfServiceReason; unfit: string | null }>
> = {
  'settings.profile': { reason: 'profile_unreadable', unfit: 'profile' },
  'settings.newer': { reason: 'storage_newer', unfit: 'settings' },
  'settings.invalid': { reason: 'storage_failed', unfit: 'settings' },
  'settings.io': { reason: 'storage_failed', unfit: null },
};

/** A version that is tried and will never come into service here is left at once. */
function tellUnfit(updates: UpdatePorts | undefined, why: string, logger: Logger): void {
  if (updates === undefined) return;
  try {
    sayHealth(updates.place, 'unfit', why);
  } catch (error) {
    // It is tried again with the next try to come into service.
    logger.error('update.health_not_said', { phase: 'unfit', error: String(error) });
  }
}

function lastSettings(dataDir: string): Settings {
  return lastGoodSettings(dataDir) ?? settingsSchema.parse({});
}

function kioskApp(kiosk: Kiosk, screens: Screens): RunningApp {
  kiosk.snapshots.onSnapshot((snapshot) => {
    screens.publish(snapshot);
  });
  kiosk.goodsEyes.changed.add(() => {
    screens.goodsView.orderChanged();
  });
  kiosk.service.onChange(() => {
    screens.publishService(kiosk.service.view(), kiosk.service.padView());
  });
  return {
    handlers: kioskHandlers(kiosk, screens),
    quiescence: kiosk.quiescence,
    cameraOrder: () => kiosk.faces?.cameraOrder ?? null,
    shelf: kiosk.goodsEyes,
    padView: () => kiosk.service.padView(),
    padLost: () => {
      kiosk.service.padLost();
    },
    onKey: keysOfScanner(kiosk),
    start: () => {
      kiosk.start();
    },
    stop: () => kiosk.stop(),
  };
}

/** Out of service, locked, files untouched: nothing to start, nothing to save. */
function outOfServiceApp(settings: Settings, reason: OutOfServiceReason): Started<RunningApp> {
  const snapshot = outOfServiceSnapshot(settings, reason, systemClock.nowMs());
  const app: RunningApp = {
    handlers: outOfServiceHandlers({ 'visit.getSnapshot': () => ok(snapshot), 'display.set': () => done }),
    quiescence: { activity: () => null },
    cameraOrder: () => null,
    shelf: null,
    padView: () => null,
    padLost: () => undefined,
    onKey: () => undefined,
    start: () => undefined,
    stop: () => Promise.resolve(),
  };
  return { app, isInService: false };
}

/** A scanner that types into the window gets all keys; without one they go nowhere. */
function keysOfScanner(kiosk: Kiosk): (input: Electron.Input) => void {
  const forwarder = new KeyForwarder(systemClock, (presses) => {
    kiosk.devices.sendKeys(presses);
  });
  return (input) => {
    // One that is only tried counts as well.
    if (kiosk.devices.takesKeys) forwarder.key(input);
  };
}

interface Ending {
  readonly shutdownGracefully: (reason: ExitReason) => void;
  /** Once nobody is disturbed. */
  readonly whenQuiet: (reason: 'restart' | 'clean') => void;
}

/** Quitting (and SIGUSR2, which asks for a restart once nobody is disturbed) stops devices and files first, once. */
function endInOrder(startUp: StartUp<RunningApp>, screens: Screens, logger: Logger): Ending {
  let isEnding = false;
  const shutdownGracefully = (reason: ExitReason): void => {
    if (isEnding) return;
    isEnding = true;
    screens.mayClose();
    void startUp.stop().finally(() => {
      logger.info('app.end', { reason });
      if (reason === 'clean') app.quit();
      else exitNow(reason);
    });
  };
  app.on('window-all-closed', () => {
    app.quit();
  });
  app.on('before-quit', (event) => {
    if (isEnding) return;
    event.preventDefault();
    shutdownGracefully('clean');
  });
  let wanted: 'restart' | 'clean' = 'restart';
  const quiet = new RestartWhenQuiet({
    quiescence: { activity: (options) => startUp.app.quiescence.activity(options) },
    clock: systemClock,
    logger,
    restart: () => {
      shutdownGracefully(wanted);
    },
  });
  const whenQuiet = (reason: 'restart' | 'clean'): void => {
    wanted = reason;
    quiet.request();
  };
  // Windows has no such signal; there the service is restarted by hand.
  if (process.platform !== 'win32')
    process.on('SIGUSR2', () => {
      whenQuiet('restart');
    });
  return { shutdownGracefully, whenQuiet };
}
