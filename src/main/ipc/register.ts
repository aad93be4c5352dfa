import { type IpcMainInvokeEvent, type WebContents, ipcMain } from 'electron';
import {
  type IpcCallPath,
  type IpcCaller,
  type IpcEventName,
  type IpcEventPayload,
  type IpcOutput,
  type IpcParsedInput,
  type IpcResult,
  ipcCalls,
  ipcEvents,
  isCallOf,
} from '../../shared/ipc/table.schema.ts';
import type { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type CallBudget, isSmallEnough } from './call-budget.ts';

/** One handler a call; a handler answers a Result, and an exception of it is a bug that the caller sees as `internal`. */
export type IpcHandlers = {
  readonly [P in IpcCallPath]: (input: IpcParsedInput<P>, caller: IpcCaller) => IpcResult<IpcOutput<P>>;
};

/** Who has sent a message: the page, the face view that is there now, or (null) anything else. */
export type CallerOf = (event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>) => IpcCaller | null;

/**
 * Binds the IPC table to whatever the handlers are at the moment of a call: the group must be for the caller, who must not
 * call too often, and the payload must be small and parse. The only importer of `ipcMain`.
 */
export function registerIpc(options: {
  readonly handlers: (caller: IpcCaller) => IpcHandlers;
  readonly callerOf: CallerOf;
  readonly budget: CallBudget;
  readonly logger: Logger;
}): void {
  const { handlers, callerOf, budget, logger } = options;
  for (const { path, guard, input } of ipcCalls) {
    ipcMain.handle(`kiosk:${path}`, (event, payload: unknown): IpcResult<unknown> => {
      const caller = callerOf(event);
      if (caller === null || !isCallOf(caller, guard)) {
        budget.note(path, 'forbidden');
        return fail('forbidden', 'not allowed to call this');
      }
      if (!budget.take(caller)) {
        budget.note(path, 'too_many');
        return fail('bad_request', 'too many calls');
      }
      if (!isSmallEnough(payload)) {
        budget.note(path, 'too_large');
        return fail('bad_request', 'too large');
      }
      const parsed = input.safeParse(payload);
      if (!parsed.success) {
        budget.note(path, 'bad_request');
        return fail('bad_request', parsed.error.message.slice(0, 300));
      }
      try {
        return (handlers(caller)[path] as (input: unknown, caller: IpcCaller) => IpcResult<unknown>)(
          parsed.data,
          caller,
        );
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

/** Of each page and view: events that are sent once the one that is under way has gone. */
const waiting = new WeakMap<WebContents, { readonly name: string; readonly payload: unknown }[]>();

/**
 * Sends an event of the table; parsed on the way out, so that nobody sees what the table does not allow. In the order in which
 * they were given here: while Electron sends one, promises that wait go on, and what they say of a later state would
 * overtake it.
 */
export function sendEvent<C extends IpcCaller, N extends IpcEventName<C>>(
  caller: C,
  contents: WebContents,
  name: N,
  payload: IpcEventPayload<C, N>,
): void {
  const schema = ipcEvents[caller][name] as z.ZodType;
  const event = { name, payload: schema.parse(payload) };
  const before = waiting.get(contents);
  if (before !== undefined) {
    before.push(event);
    return;
  }
  const events: { readonly name: string; readonly payload: unknown }[] = [event];
  waiting.set(contents, events);
  try {
    for (let one = events.shift(); one !== undefined; one = events.shift())
      if (!contents.isDestroyed()) contents.send(`kiosk:${one.name}`, one.payload);
  } finally {
    waiting.delete(contents);
  }
}

/** For handlers without an answer. */
export const done: IpcResult<null> = ok(null);
