import './theme/theme.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { assert } from '../../shared/assert.ts';
import type { KioskApi } from '../../shared/ipc/table.schema.ts';
import { defaultKnock } from '../../shared/model/corner-knock.ts';
import type { KioskSnapshot } from '../../shared/model/visit.schema.ts';
import { App } from './app.tsx';
import { ErrorBoundary } from './features/service/error-boundary.tsx';
import { listenForKnock } from './kiosk/corner-knock.ts';
import { coverOwnText } from './theme/fonts.ts';
import { guardTouches } from './ui/guard-touches.ts';

declare global {
  interface Window {
    /** Made by preload; the only link to the rest of the app. */
    readonly kiosk: KioskApi;
  }
}

coverOwnText();
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
guardTouches(window);
const root = document.getElementById('root');
assert(root !== null, 'index.html has a #root');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <App api={window.kiosk} />
    </ErrorBoundary>
  </StrictMode>,
);
