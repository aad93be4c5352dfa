import './theme/theme.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { assert } from '../../shared/assert.ts';
import type { FaceViewApi } from '../../shared/ipc/table.schema.ts';
import { FaceApp } from './face-app.tsx';
import { ErrorBoundary } from './features/service/error-boundary.tsx';
import { coverOwnText } from './theme/fonts.ts';
import { guardTouches } from './ui/guard-touches.ts';

coverOwnText();
guardTouches(window);
const root = document.getElementById('root');
assert(root !== null, 'face.html has a #root');
/** Made by the face view's own preload script; the only link to the rest of the app. */
const api = window.kiosk as unknown as FaceViewApi;
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <FaceApp api={api} />
    </ErrorBoundary>
  </StrictMode>,
);
