import type { BrowserWindow, WebContents } from 'electron';
import type { IpcCaller, IpcEventName, IpcEventPayload } from '../../shared/ipc/table.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { sendEvent } from '../ipc/register.ts';
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
export function onTouch(contents: WebContents, touched: () => void): void {
  contents.on('input-event', (_event, input) => {
    if (touchTypes.has(input.type)) touched();
  });
}

/** A view that lies over the whole page, so that nothing of the page stands around it either. */
export interface ViewOverPage<C extends IpcCaller> {
  readonly contents: WebContents;
  send<N extends IpcEventName<C>>(name: N, payload: IpcEventPayload<C, N>): void;
  /** On top of everything; as large as the window. */
  show(): void;
  hide(): void;
  /** Ends its process. */
  close(): void;
}

/** Its own process, session and preload script; clear where nothing is drawn yet. Not to be seen before `show`. */
export function openViewOverPage<C extends IpcCaller>(options: {
  readonly caller: C;
  readonly window: BrowserWindow;
  readonly preload: string;
  readonly logger: Logger;
  readonly gone: (why: string) => void;
}): ViewOverPage<C> {
  const { caller, window, preload, logger, gone } = options;
  const view = openOwnView({ caller, preload, logger, gone });
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
  return {
    contents,
    send: (name, payload) => {
      sendEvent(caller, contents, name, payload);
    },
    show: () => {
      cover();
      window.contentView.addChildView(view);
      view.setVisible(true);
    },
    hide: () => {
      view.setVisible(false);
    },
    close: () => {
      window.off('resize', cover);
      if (!window.isDestroyed()) {
        window.contentView.removeChildView(view);
        // Keys that a scanner types go to main by way of whatever has the focus: with nobody they would be lost.
        window.webContents.focus();
      }
      if (!contents.isDestroyed()) contents.close();
    },
  };
}
