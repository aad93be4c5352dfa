import { contextBridge, ipcRenderer } from 'electron';
import { ipcCalls, ipcEvents } from '../shared/ipc/schema.ts';

/** `window.kiosk`: one function a call, one subscription, made from the IPC table; nothing else crosses. */
const calls = Object.fromEntries(
  Object.keys(ipcCalls).map((name) => [
    name,
    (input: unknown): Promise<unknown> => ipcRenderer.invoke(`kiosk:${name}`, input),
  ]),
);

function on(event: string, listener: (payload: unknown) => void): () => void {
  if (!Object.hasOwn(ipcEvents, event)) throw new Error(`no such event: ${event}`);
  const handler = (_: unknown, payload: unknown): void => {
    listener(payload);
  };
  ipcRenderer.on(`kiosk:${event}`, handler);
  return () => {
    ipcRenderer.off(`kiosk:${event}`, handler);
  };
}

contextBridge.exposeInMainWorld('kiosk', { ...calls, on });
