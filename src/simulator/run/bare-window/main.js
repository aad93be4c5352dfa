// The least that an Electron window can be: what the kiosk's start and memory are measured against.
import { BrowserWindow, app } from 'electron';

await app.whenReady();
const window = new BrowserWindow({
  width: 1080,
  height: 1920,
  useContentSize: true,
  webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
});
await window.loadURL('data:text/html,<h1 data-testid="screen-bare">bare</h1>');
