import type { KioskApi } from '../../shared/ipc/table.schema.ts';
import { defaultKnock } from '../../shared/model/corner-knock.ts';
import type { KioskSnapshot } from '../../shared/model/visit.schema.ts';
import { App } from './app.tsx';
import { listenForKnock } from './kiosk/corner-knock.ts';
import { mount } from './mount.tsx';

declare global {
  interface Window {
    /** Made by preload; the only link to the rest of the app. */
    readonly kiosk: KioskApi;
  }
}

let knock = defaultKnock;
const takeKnock = ({ cabinet: { screen } }: KioskSnapshot): void => {
  if (screen !== undefined) ({ knock } = screen);
};
window.kiosk.on('snapshot', takeKnock);
window.kiosk.visit.getSnapshot({}).then(
  (got) => {
    if (got.ok) takeKnock(got.value);
  },
  () => undefined,
);
listenForKnock(
  window,
  () => knock,
  () => {
    // Refused while somebody is served: nothing is to be seen then.
    window.kiosk.service.knock({}).catch(() => undefined);
  },
);
mount(<App api={window.kiosk} />);
