import { WebContentsView } from 'electron';
import type { IpcCaller } from '../../shared/ipc/table.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { preferencesOf } from './kiosk-window.ts';
import { documentUrls } from './page-files.ts';

/** A view beside the page: its own document, process, session and preload script. Seen by nobody until it is put somewhere. */
export function openOwnView(options: {
  readonly caller: IpcCaller;
  readonly preload: string;
  readonly logger: Logger;
  readonly gone: (why: string) => void;
}): WebContentsView {
  const { caller, preload, logger, gone } = options;
  const view = new WebContentsView({ webPreferences: preferencesOf(caller, preload) });
  const contents = view.webContents;
  contents.on('render-process-gone', (_event, { reason }) => {
    gone(reason);
  });
  contents.loadURL(documentUrls[caller]).catch((error: unknown) => {
    if (!contents.isDestroyed()) logger.error(`${caller}_view.load_failed`, { error: String(error) });
  });
  return view;
}
