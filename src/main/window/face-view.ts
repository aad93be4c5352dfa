import type { BrowserWindow } from 'electron';
import type { Logger } from '../../shared/util/logger.ts';
import { sendEvent } from '../ipc/register.ts';
import type { FaceView, FaceViewEvents } from './face-view-keeper.ts';
import { openOwnView } from './own-view.ts';

/** Kinds of `input-event` with which a finger (or a mouse) begins or ends a touch. */
const touchTypes: ReadonlySet<string> = new Set([
  'mouseDown',
  'mouseUp',
  'touchStart',
  'touchEnd',
  'gestureTap',
  'pointerDown',
  'pointerUp',
]);

/** Calls back for each touch on these contents, before what is drawn there hears of it. Keys are no touch. */
export function onTouch(contents: Electron.WebContents, touched: () => void): void {
  contents.on('input-event', (_event, input) => {
    if (touchTypes.has(input.type)) touched();
  });
}

/**
 * The face view in Electron: over the whole page, so that nothing of the page stands around it either; its own process,
 * session and preload script. Not to be seen before `show`.
 */
export function openFaceView(options: {
  readonly window: BrowserWindow;
  readonly preload: string;
  readonly logger: Logger;
  readonly events: FaceViewEvents;
}): FaceView {
  const { window, events, logger } = options;
  const view = openOwnView({ caller: 'face', preload: options.preload, logger, gone: events.gone });
  const contents = view.webContents;
  const cover = (): void => {
    const [width = 0, height = 0] = window.getContentSize();
    view.setBounds({ x: 0, y: 0, width, height });
  };
  view.setBackgroundColor('#00000000');
  view.setVisible(false);
  window.contentView.addChildView(view);
  cover();
  window.on('resize', cover);
  onTouch(contents, events.touched);
  return {
    contents,
    send: (name, payload) => {
      sendEvent('face', contents, name, payload);
    },
    show: () => {
      cover();
      view.setVisible(true);
    },
    hide: () => {
      view.setVisible(false);
    },
    close: () => {
      window.off('resize', cover);
      if (!window.isDestroyed()) window.contentView.removeChildView(view);
      if (!contents.isDestroyed()) contents.close();
    },
  };
}
