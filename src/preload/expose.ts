import { contextBridge, ipcRenderer } from 'electron';

type Stub = (input: unknown) => Promise<unknown>;

/** `window.kiosk`: one function a call (`visit.chooseCode`), by its group, and one subscription; nothing else crosses. */
export function exposeKiosk(callPaths: readonly string[], eventNames: readonly string[]): void {
  const groups: Record<string, Record<string, Stub>> = {};
  for (const path of callPaths) {
    const [group = '', call = ''] = path.split('.');
    const stubs = (groups[group] ??= {});
    stubs[call] = (input) => ipcRenderer.invoke(`kiosk:${path}`, input);
  }
  const on = (event: string, listener: (payload: unknown) => void): (() => void) => {
    if (!eventNames.includes(event)) throw new Error(`no such event: ${event}`);
    const handler = (_: unknown, payload: unknown): void => {
      listener(payload);
    };
    ipcRenderer.on(`kiosk:${event}`, handler);
    return () => {
      ipcRenderer.off(`kiosk:${event}`, handler);
    };
  };
  contextBridge.exposeInMainWorld('kiosk', { ...groups, on });
}
