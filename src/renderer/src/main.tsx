import './theme/theme.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { assert } from '../../shared/assert.ts';
import type { KioskApi } from '../../shared/ipc/table.schema.ts';
import { App } from './app.tsx';
import { ErrorBoundary } from './features/service/error-boundary.tsx';
import { coverOwnText } from './theme/fonts.ts';
import { guardTouches } from './ui/guard-touches.ts';

declare global {
  interface Window {
    /** Made by preload; the only link to the rest of the app. */
    readonly kiosk: KioskApi;
  }
}

coverOwnText();
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
