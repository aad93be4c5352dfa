import { z } from 'zod';
import type { Failure, Result } from '../result.ts';
import { chargeIdSchema } from '../ids.schema.ts';
import { faceReportSchema } from '../model/face.schema.ts';
import {
  accountActionSchema,
  cameraOrderSchema,
  cameraStateSchema,
  faceActionSchema,
} from '../model/face-view.schema.ts';
import { kioskSnapshotSchema } from '../model/visit.schema.ts';
import { skuSchema } from '../model/catalog.schema.ts';
import { type CallDefinition, call } from './define.ts';
import type { IpcCallName, IpcEventName } from './names.ts';

/**
 * The one table of what crosses between renderer and main. Preload and main both derive from it; main parses every
 * payload and checks the sender. The renderer sends what the shopper wants, never what a device should do.
 */
const nothing = z.object({}).strict();

export const ipcCalls = {
  /** The whole state now; changes follow as the `snapshot` event. */
  getSnapshot: call(nothing, kioskSnapshotSchema),
  /** "扫码开门". */
  chooseCode: call(nothing, z.null()),
  /** "刷脸开门": the notice; the camera is still off. */
  chooseFace: call(nothing, z.null()),
  /** "我的": identified by code, or by face while there is no network; the door stays shut. */
  chooseAccount: call(nothing, z.null()),
  faceAction: call(faceActionSchema, z.null()),
  accountAction: call(accountActionSchema, z.null()),
  /** Numbers of one camera frame, never a picture. `stale`: not the current order of the camera. */
  faceFrame: call(
    z.object({ nonce: cameraOrderSchema.shape.nonce, report: faceReportSchema }).strict(),
    z.null(),
  ),
  cameraState: call(
    z.object({ nonce: cameraOrderSchema.shape.nonce, state: cameraStateSchema }).strict(),
    z.null(),
  ),
  /** Back to attract from identifying, refused, or before the lock has opened. */
  cancelVisit: call(nothing, z.null()),
  /** Confirms exactly the revision that was on screen; an older one is refused with `stale`. */
  confirmBasket: call(z.object({ revision: z.number().int().min(0) }).strict(), z.null()),
  /** "Something is wrong" on one line (or takes it back). */
  reportLine: call(z.object({ sku: skuSchema, wrong: z.boolean() }).strict(), z.null()),
  /** More time on the receipt, for the one who is about to report something on it. */
  holdReceipt: call(nothing, z.null()),
  /** "报告问题": these billed lines are wrong. `stale` when that charge is not on the receipt on screen any more. */
  disputeCharge: call(
    z.object({ chargeId: chargeIdSchema, skus: z.array(skuSchema).min(1).max(100) }).strict(),
    z.null(),
  ),
  /** Leaves the receipt (or "nothing charged") before its time. */
  finish: call(nothing, z.null()),
} as const satisfies Record<IpcCallName, CallDefinition>;

export const ipcEvents = {
  snapshot: kioskSnapshotSchema,
} as const satisfies Record<IpcEventName, z.ZodType>;

export type IpcCalls = typeof ipcCalls;
export type IpcInput<N extends IpcCallName> = z.input<IpcCalls[N]['input']>;
export type IpcOutput<N extends IpcCallName> = z.output<IpcCalls[N]['output']>;

/** bad_request: payload did not parse; forbidden: not our page; stale: the state has moved on; internal: a bug, logged. */
export type IpcErrorCode = 'bad_request' | 'forbidden' | 'stale' | 'internal';
export type IpcResult<T> = Result<T, Failure<IpcErrorCode>>;

export type IpcEvents = typeof ipcEvents;
export type IpcEventPayload<N extends IpcEventName> = z.output<IpcEvents[N]>;

/** `window.kiosk`: made from the table in preload/index.ts. */
export type KioskApi = {
  readonly [N in IpcCallName]: (input: IpcInput<N>) => Promise<IpcResult<IpcOutput<N>>>;
} & {
  /** Subscribes; the returned function unsubscribes. */
  on<N extends IpcEventName>(event: N, listener: (payload: IpcEventPayload<N>) => void): () => void;
};
