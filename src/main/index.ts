import { app } from 'electron';
import { exitCodes } from '../shared/launcher.ts';
import { startApp } from './app.ts';
import { dataFolderTrouble } from './platform/data-folder.ts';
import { ExitOnBug } from './platform/exit-on-bug.ts';
import { holdMachine, machineName } from './platform/machine-lock.ts';
import { guardPackaged } from './platform/packaged-guard.ts';
import { declareScheme } from './window/page-files.ts';

const exitOnBug = new ExitOnBug((code) => {
  app.exit(code);
});

/** The one that runs has been told, and comes to the front. */
function endAsSecond(why: string): void {
  process.stderr.write(`${why}\n`);
  app.exit(exitCodes.runsAlready);
}

// First of all: nothing has read the environment yet.
const refusal = app.isPackaged
  ? guardPackaged({ hasSwitch: (name) => app.commandLine.hasSwitch(name), env: process.env })
  : null;

// Development and tests keep their data apart from an installed cabinet's.
const dataDir = process.env['KAIMEN_DATA_DIR'];
if (dataDir !== undefined) app.setPath('userData', dataDir);

const trouble = dataFolderTrouble(app.getPath('userData'));
if (refusal !== null) {
  process.stderr.write(`${refusal}\n`);
  app.exit(exitCodes.startedWrong);
} else if (trouble !== null) {
  // Before the lock, which lies in this folder: without it a start would end as if another app ran already.
  process.stderr.write(`the data folder cannot be used: ${trouble}\n`);
  app.exit(exitCodes.storageUnusable);
} else if (app.requestSingleInstanceLock()) {
  // One cabinet, one app: a second start would fight for the lock and for the database.
  declareScheme();
  // As root (containers, CI) Chromium cannot build its sandbox and is started with --no-sandbox; never on a cabinet.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  // An installed one is the only one on its machine, whoever starts another; in development there may be many.
  const isOnlyOne = app.isPackaged ? holdMachine(machineName, () => app.emit('second-instance')) : true;
  void Promise.all([app.whenReady(), isOnlyOne]).then(([, isFirst]) => {
    if (isFirst) startApp(exitOnBug);
    else endAsSecond('another one runs on this machine');
  });
} else {
  endAsSecond('another one runs on this data folder');
}
