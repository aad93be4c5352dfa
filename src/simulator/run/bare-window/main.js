// The least that an Electron window can be: what the kiosk's start and memory are measured against.
import { BrowserWindow, app } from 'electron';

// Not awaited: Electron becomes ready only after this file has been read to its end.
void app.whenReady().then(() => {
  const window = new BrowserWindow({
    width: 1080,
    height: 1920,
    useContentSize: true,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
  });
  return window.loadURL('data:text/html,<h1 data-testid="screen-bare">bare</h1>');
});
