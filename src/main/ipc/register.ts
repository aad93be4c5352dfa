import { type WebContents, type WebFrameMain, ipcMain } from 'electron';
import {
  type IpcCallPath,
  type IpcEventName,
  type IpcEventPayload,
  type IpcGuard,
  type IpcOutput,
  type IpcParsedInput,
  type IpcResult,
  ipcCalls,
  ipcEvents,
} from '../../shared/ipc/table.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** One handler a call; a handler answers a Result, and an exception of it is a bug that the caller sees as `internal`. */
export type IpcHandlers = {
  readonly [P in IpcCallPath]: (input: IpcParsedInput<P>) => IpcResult<IpcOutput<P>>;
};

/** Whether who has called may use a group that is guarded so. */
export type IpcGuards = Readonly<Record<IpcGuard, (frame: WebFrameMain | null) => boolean>>;

/** Binds the IPC table to whatever the handlers are at the moment of a call: the group's guard must let the caller in, the payload must parse. The only importer of `ipcMain`. */
export function registerIpc(options: {
  readonly handlers: () => IpcHandlers;
  readonly guards: IpcGuards;
  readonly logger: Logger;
}): void {
  const { handlers, guards, logger } = options;
  for (const { path, guard, input } of ipcCalls) {
    ipcMain.handle(`kiosk:${path}`, (event, payload: unknown): IpcResult<unknown> => {
      if (!guards[guard](event.senderFrame)) {
        logger.warn('ipc.forbidden', { call: path });
        return fail('forbidden', 'not allowed to call this');
      }
      const parsed = input.safeParse(payload);
      if (!parsed.success) {
        logger.warn('ipc.bad_request', { call: path });
        return fail('bad_request', parsed.error.message.slice(0, 300));
      }
      try {
        return (handlers()[path] as (input: unknown) => IpcResult<unknown>)(parsed.data);
      } catch (error) {
        logger.error('ipc.internal', { call: path, error: String(error) });
        return fail('internal', 'internal error');
      }
    });
  }
}

/** Handlers that answer `stale` to everything but these: for an app that stands still, out of service. */
export function outOfServiceHandlers(answered: Partial<IpcHandlers>): IpcHandlers {
  const refuse = (): IpcResult<never> => fail('stale', 'out of service');
  const refused: Partial<Record<IpcCallPath, typeof refuse>> = {};
  for (const { path } of ipcCalls) refused[path] = refuse;
  return { ...(refused as IpcHandlers), ...answered };
}

/** Sends an event of the table; parsed on the way out, so that the page never sees what the table does not allow. */
export function sendEvent<N extends IpcEventName>(
  contents: WebContents,
  name: N,
  payload: IpcEventPayload<N>,
): void {
  if (!contents.isDestroyed()) contents.send(`kiosk:${name}`, ipcEvents[name].parse(payload));
}

/** For handlers without an answer. */
export const done: IpcResult<null> = ok(null);
