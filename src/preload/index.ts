import { contextBridge, ipcRenderer } from 'electron';

/** Paths of the calls (`visit.chooseCode`) and names of the events: put in when it is built (electron.vite.config.ts). */
declare const ipcCallPaths: readonly string[];
declare const ipcEventNames: readonly string[];

type Stub = (input: unknown) => Promise<unknown>;

/** `window.kiosk`: one function a call, by its group, and one subscription; nothing else crosses. */
const groups: Record<string, Record<string, Stub>> = {};
for (const path of ipcCallPaths) {
  const [group = '', call = ''] = path.split('.');
  const stubs = (groups[group] ??= {});
  stubs[call] = (input) => ipcRenderer.invoke(`kiosk:${path}`, input);
}

function on(event: string, listener: (payload: unknown) => void): () => void {
  if (!ipcEventNames.includes(event)) throw new Error(`no such event: ${event}`);
  const handler = (_: unknown, payload: unknown): void => {
    listener(payload);
  };
  ipcRenderer.on(`kiosk:${event}`, handler);
  return () => {
    ipcRenderer.off(`kiosk:${event}`, handler);
  };
}

contextBridge.exposeInMainWorld('kiosk', { ...groups, on });
