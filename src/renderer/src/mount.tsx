import './theme/theme.css';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { assert } from '../../shared/assert.ts';
import { ErrorBoundary } from './features/service/error-boundary.tsx';
import { coverOwnText } from './theme/fonts.ts';
import { guardTouches } from './ui/guard-touches.ts';

/** Draws a document of ours: the page, or a view that lies over it. Whatever listens to touches before the guard has begun by now. */
export function mount(app: ReactNode): void {
  coverOwnText();
  guardTouches(window);
  const root = document.getElementById('root');
  assert(root !== null, `${location.pathname} has a #root`);
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>{app}</ErrorBoundary>
    </StrictMode>,
  );
}
