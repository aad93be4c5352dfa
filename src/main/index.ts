import { app } from 'electron';
import { startApp } from './app.ts';
import { declareScheme } from './window.ts';

// Development and tests keep their data apart from an installed cabinet's.
const dataDir = process.env['KAIMEN_DATA_DIR'];
if (dataDir !== undefined) app.setPath('userData', dataDir);

// One cabinet, one app: a second start would fight for the lock and for the database.
if (app.requestSingleInstanceLock()) {
  declareScheme();
  app.enableSandbox();
  void app.whenReady().then(startApp);
} else {
  app.quit();
}
