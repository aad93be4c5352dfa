import { type WebContents, type WebFrameMain, ipcMain } from 'electron';
import { type IpcCallName, type IpcEventName, ipcCallNames } from '../../shared/ipc/names.ts';
import {
  type IpcEventPayload,
  type IpcInput,
  type IpcOutput,
  type IpcResult,
  ipcCalls,
  ipcEvents,
} from '../../shared/ipc/schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** One handler a call; a handler answers a Result, and an exception of it is a bug that the caller sees as `internal`. */
export type IpcHandlers = {
  [N in IpcCallName]: (input: IpcInput<N>) => IpcResult<IpcOutput<N>>;
};

/**
 * Binds the IPC table: the sender must be the main frame of our own page, the payload must parse. The only importer of
 * `ipcMain`.
 */
export function registerIpc(options: {
  handlers: IpcHandlers;
  isOurPage: (frame: WebFrameMain | null) => boolean;
  logger: Logger;
}): void {
  const { handlers, isOurPage, logger } = options;
  for (const name of ipcCallNames) {
    ipcMain.handle(`kiosk:${name}`, (event, payload: unknown): IpcResult<unknown> => {
      if (!isOurPage(event.senderFrame)) {
        logger.warn('ipc.forbidden', { call: name });
        return fail('forbidden', 'not our page');
      }
      const parsed = ipcCalls[name].input.safeParse(payload);
      if (!parsed.success) {
        logger.warn('ipc.bad_request', { call: name });
        return fail('bad_request', parsed.error.message.slice(0, 300));
      }
      try {
        return (handlers[name] as (input: unknown) => IpcResult<unknown>)(parsed.data);
      } catch (error) {
        logger.error('ipc.internal', { call: name, error: String(error) });
        return fail('internal', 'internal error');
      }
    });
  }
}

/** Sends an event of the table; parsed on the way out, so that the renderer never sees what the table does not allow. */
export function sendEvent<N extends IpcEventName>(
  contents: WebContents,
  name: N,
  payload: IpcEventPayload<N>,
): void {
  if (!contents.isDestroyed()) contents.send(`kiosk:${name}`, ipcEvents[name].parse(payload));
}

/** For handlers without an answer. */
export const done: IpcResult<null> = ok(null);
