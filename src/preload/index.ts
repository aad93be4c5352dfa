import { contextBridge, ipcRenderer } from 'electron';
import { ipcCallNames, ipcEventNames } from '../shared/ipc/names.ts';

/** `window.kiosk`: one function a call, one subscription, by the names of the IPC table; nothing else crosses. */
const calls = Object.fromEntries(
  ipcCallNames.map((name) => [
    name,
    (input: unknown): Promise<unknown> => ipcRenderer.invoke(`kiosk:${name}`, input),
  ]),
);

function on(event: string, listener: (payload: unknown) => void): () => void {
  if (!ipcEventNames.some((name) => name === event)) throw new Error(`no such event: ${event}`);
  const handler = (_: unknown, payload: unknown): void => {
    listener(payload);
  };
  ipcRenderer.on(`kiosk:${event}`, handler);
  return () => {
    ipcRenderer.off(`kiosk:${event}`, handler);
  };
}

contextBridge.exposeInMainWorld('kiosk', { ...calls, on });
