import type { PinView } from './pin-view-keeper.ts';
import { openViewOverPage } from './view-over-page.ts';

/**
 * The PIN view in Electron: over the page and with the focus at once, clear until it has drawn, so that from here on no touch
 * gets to the page; and the focus stays, so that no list or box of the page's opens over it.
 */
export function openPinView(options: Omit<Parameters<typeof openViewOverPage<'pin'>>[0], 'caller'>): PinView {
  const view = openViewOverPage({ caller: 'pin', ...options });
  const { contents } = view;
  const { webContents: page } = options.window;
  const keepFocus = (): void => {
    if (!contents.isDestroyed()) contents.focus();
  };
  // Once whatever gives the focus has done so: else it would be taken from here in the same breath.
  const takeBack = (): void => {
    setImmediate(keepFocus);
  };
  page.on('focus', takeBack);
  // What takes no touch any more would lie over the page for ever.
  contents.on('unresponsive', () => {
    contents.forcefullyCrashRenderer();
  });
  view.show();
  keepFocus();
  return {
    ...view,
    close: () => {
      if (!page.isDestroyed()) page.off('focus', takeBack);
      view.close();
    },
  };
}
