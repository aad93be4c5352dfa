import { app } from 'electron';
import { startApp } from './app.ts';
import { declareScheme } from './window.ts';

// Development and tests keep their data apart from an installed cabinet's.
const dataDir = process.env['KAIMEN_DATA_DIR'];
if (dataDir !== undefined) app.setPath('userData', dataDir);

// One cabinet, one app: a second start would fight for the lock and for the database.
if (app.requestSingleInstanceLock()) {
  declareScheme();
  // As root (containers, CI) Chromium cannot build its sandbox and is started with --no-sandbox; never on a cabinet.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  void app.whenReady().then(startApp);
} else {
  app.quit();
}
