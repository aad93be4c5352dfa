// A window for the simulator's panel page: an application of its own, so that the kiosk has no second window.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrowserWindow, app } from 'electron';

app.setPath('userData', join(tmpdir(), 'kaimen-panel'));
app.on('window-all-closed', () => app.quit());
// Not awaited: Electron becomes ready only after this file has been read to its end.
void app.whenReady().then(() => {
  const window = new BrowserWindow({
    x: 760,
    y: 0,
    width: 1100,
    height: 1000,
    title: 'Kaimen: simulated cabinet',
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
  });
  window.removeMenu();
  return window.loadURL(process.env.KAIMEN_PANEL);
});
