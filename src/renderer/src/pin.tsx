import './theme/theme.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { assert } from '../../shared/assert.ts';
import type { PinViewApi } from '../../shared/ipc/table.schema.ts';
import { PinApp } from './pin-app.tsx';
import { ErrorBoundary } from './features/service/error-boundary.tsx';
import { coverOwnText } from './theme/fonts.ts';
import { guardTouches } from './ui/guard-touches.ts';

coverOwnText();
guardTouches(window);
const root = document.getElementById('root');
assert(root !== null, 'pin.html has a #root');
/** Made by the PIN view's own preload script; the only link to the rest of the app. */
const api = window.kiosk as unknown as PinViewApi;
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <PinApp api={api} />
    </ErrorBoundary>
  </StrictMode>,
);
