import { z } from 'zod';
import type { Failure, Result } from '../result.ts';
import { chargeIdSchema } from '../ids.schema.ts';
import { faceReportSchema } from '../model/face.schema.ts';
import { galleryMessageSchema, goodsOrderSchema, goodsReportSchema } from '../model/goods-view.schema.ts';
import { doorNumberSchema } from '../model/lock-spec.ts';
import { displaySchema } from '../model/display.schema.ts';
import {
  accountActionSchema,
  cameraOrderSchema,
  cameraStateSchema,
  consentActionSchema,
  faceActionSchema,
} from '../model/face-view.schema.ts';
import {
  newPinOfPadSchema,
  ofPadSchema,
  pinOfPadSchema,
  pinPadSchema,
  signInOfPadSchema,
} from '../model/pin-pad.schema.ts';
import {
  deviceOfSessionSchema,
  lightOfSessionSchema,
  ofSessionSchema,
  goodsOfSessionSchema,
  orderOfSessionSchema,
  serviceViewSchema,
  testAnswerOfSessionSchema,
  testOfSessionSchema,
} from '../model/service.schema.ts';
import { kioskSnapshotSchema } from '../model/visit.schema.ts';
import { lineCountMax } from '../model/basket.ts';
import { shelfAnswers } from '../model/shelf-question.ts';
import { skuSchema } from '../model/catalog.schema.ts';

/** One call from a screen: one named object in, a Result out. */
interface CallDefinition<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly input: I;
  readonly output: O;
}

function call<I extends z.ZodType, O extends z.ZodType>(input: I, output: O): CallDefinition<I, O> {
  return { input, output };
}

/**
 * Who may call a group; main has one check for each (ipc/register.ts). `page`: the main frame of the page; `face`: that of
 * the face view; `pin`: that of the PIN view; `seen`: any of these three; `goods`: that of the hidden view that looks at goods.
 * Each has the stubs of its own groups only.
 */
export type IpcGuard = 'page' | 'face' | 'pin' | 'goods' | 'seen';

interface GroupDefinition {
  readonly guard: IpcGuard;
  readonly calls: Readonly<Record<string, CallDefinition>>;
}

const nothing = z.object({}).strict();
const nonce = cameraOrderSchema.shape.nonce;

/**
 * The one table of what the page may ask main for. Everything else derives from it: the stubs of `window.kiosk` (preload),
 * main's handlers, and what the page shows when a call fails; each of them does not compile before a new call is handled.
 * Main parses every payload. The page sends what the shopper wants, never what a device should do.
 */
export const ipcTable = {
  visit: {
    guard: 'page',
    calls: {
      /** The whole state now; changes follow as the `snapshot` event. */
      getSnapshot: call(nothing, kioskSnapshotSchema),
      /** "扫码开门". */
      chooseCode: call(nothing, z.null()),
      /** "刷脸开门": the notice; the camera is still off. */
      chooseFace: call(nothing, z.null()),
      /** Back to attract from identifying, refused, or before the lock has opened. */
      cancel: call(nothing, z.null()),
      /** 「拉不开？」: unlocks once more in the same visit, a few times at most. */
      unlockAgain: call(nothing, z.null()),
      /** This one of several doors: the first, or one more. */
      openDoor: call(z.strictObject({ door: doorNumberSchema }), z.null()),
      /** Confirms exactly the revision that was on screen; an older one is refused with `stale`. */
      confirmBasket: call(z.object({ revision: z.number().int().min(0) }).strict(), z.null()),
      /** "Something is wrong" on one line (or takes it back). */
      reportLine: call(z.object({ sku: skuSchema, wrong: z.boolean() }).strict(), z.null()),
      /** The answer to the question on the screen; to another one than stands there it is refused. */
      answerQuestion: call(
        z.object({ sku: skuSchema, count: z.number().int().min(1), answer: z.enum(shelfAnswers) }).strict(),
        z.null(),
      ),
    },
  },
  /** What the face view alone may say: what its camera sees, and the touches on the screens that it draws. */
  face: {
    guard: 'face',
    calls: {
      getSnapshot: call(nothing, kioskSnapshotSchema),
      /** That snapshot is drawn: from here on the view may lie over the page. */
      drawn: call(z.object({ seq: z.number().int().min(0) }).strict(), z.null()),
      /** Start or digits: counts only right after a touch that main has seen on the view. */
      act: call(faceActionSchema, z.null()),
      /** Consent to keep a face: counts only right after such a touch. */
      agree: call(consentActionSchema, z.null()),
      /** Numbers of one camera frame, never a picture. `stale`: not the current order of the camera. */
      frame: call(z.object({ nonce, report: faceReportSchema }).strict(), z.null()),
      cameraState: call(z.object({ nonce, state: cameraStateSchema }).strict(), z.null()),
      chooseCode: call(nothing, z.null()),
      cancel: call(nothing, z.null()),
      /** Back to the menu of the account. */
      menu: call(nothing, z.null()),
    },
  },
  /** What the view that looks at goods may say: what its cameras see, of the order that holds now. */
  goods: {
    guard: 'goods',
    calls: {
      /** It has loaded and asks for its order. */
      loaded: call(nothing, z.null()),
      report: call(z.object({ nonce, report: goodsReportSchema }).strict(), z.null()),
    },
  },
  display: {
    guard: 'seen',
    calls: {
      /** Language and text size were changed on one of them; the others follow. */
      set: call(displaySchema, z.null()),
      /** What is on screen is touched or scrolled: somebody is there and reads. */
      touched: call(nothing, z.null()),
    },
  },
  /**
   * The number pad: what is typed there comes from the PIN view alone, which is there only while main asks for something. Each
   * call names the pad that it was typed at.
   */
  pin: {
    guard: 'pin',
    calls: {
      getSnapshot: call(nothing, kioskSnapshotSchema),
      /** Somebody types: the pad stays. */
      typed: call(ofPadSchema, z.null()),
      /** Away from it, where that may be. */
      close: call(ofPadSchema, z.null()),
      signIn: call(signInOfPadSchema, z.null()),
      /** After a one-time code, or in place of the PIN there is. */
      setPin: call(newPinOfPadSchema, z.null()),
      /** Once more, for the act that the pad names. */
      confirm: call(pinOfPadSchema, z.null()),
    },
  },
  account: {
    guard: 'page',
    calls: {
      /** "我的": identified by code, or by face while there is no network; the door stays shut. */
      choose: call(nothing, z.null()),
      act: call(accountActionSchema, z.null()),
    },
  },
  /**
   * Service mode (main/service). Every call but the way in names its session, and main judges each by session, role and time:
   * what it answers is only whether it was taken, and what comes of it is in the picture.
   */
  service: {
    guard: 'page',
    calls: {
      getView: call(nothing, serviceViewSchema.nullable()),
      /** The hidden touches were made: the number pad, if main has seen a touch and nobody is served. */
      knock: call(nothing, z.null()),
      /** The pad was lost, and whoever stands there has read so. */
      close: call(nothing, z.null()),
      touch: call(ofSessionSchema, z.null()),
      /** Refused with `stale` while the cabinet is not shut. */
      leave: call(ofSessionSchema, z.null()),
      /** `door`: of several, from 1; left out: all of them. */
      openDoor: call(ofSessionSchema.extend({ door: doorNumberSchema.optional() }).strict(), z.null()),
      acceptStock: call(ofSessionSchema, z.null()),
      /** What restockers say of goods. */
      goods: call(goodsOfSessionSchema, z.null()),
      /** The goods were looked at after it was too warm. */
      acceptCooling: call(ofSessionSchema, z.null()),
      testDevice: call(deviceOfSessionSchema, z.null()),
      /** Begins a guided self-test. */
      startTest: call(testOfSessionSchema, z.null()),
      /** The answer to its step that is on the screen. */
      answerTest: call(testAnswerOfSessionSchema, z.null()),
      setLight: call(lightOfSessionSchema, z.null()),
      sendCharges: call(ofSessionSchema, z.null()),
      /** Asks for the pad where a new one is typed. */
      changePin: call(ofSessionSchema, z.null()),
      readLog: call(ofSessionSchema, z.null()),
      /** What technicians and administrators order beside the work at the door. */
      order: call(orderOfSessionSchema, z.null()),
    },
  },
  receipt: {
    guard: 'page',
    calls: {
      /** The receipt was touched: more time for it. */
      hold: call(nothing, z.null()),
      /** "报告问题": these billed lines are wrong. `stale` when that charge is not on the receipt on screen any more. */
      dispute: call(
        z.object({ chargeId: chargeIdSchema, skus: z.array(skuSchema).min(1).max(lineCountMax) }).strict(),
        z.null(),
      ),
      /** The report as it is being filled in: opened, marked, or just touched. `stale` as with `dispute`. */
      fill: call(
        z.object({ chargeId: chargeIdSchema, skus: z.array(skuSchema).max(lineCountMax) }).strict(),
        z.null(),
      ),
      /** Back from the report, which is dropped. */
      putAway: call(nothing, z.null()),
      /** Leaves the receipt (or "nothing charged") before its time. */
      finish: call(nothing, z.null()),
    },
  },
} as const satisfies Record<string, GroupDefinition>;

/** What main sends unasked, by whom it is for. The order for the camera, with its nonce, is for the face view alone. */
export const ipcEvents = {
  page: { snapshot: kioskSnapshotSchema, display: displaySchema, service: serviceViewSchema.nullable() },
  face: { snapshot: kioskSnapshotSchema, display: displaySchema, camera: cameraOrderSchema.nullable() },
  pin: { snapshot: kioskSnapshotSchema, display: displaySchema, pad: pinPadSchema },
  goods: { order: goodsOrderSchema.nullable(), gallery: galleryMessageSchema },
} as const satisfies Record<string, Readonly<Record<string, z.ZodType>>>;

type IpcTable = typeof ipcTable;
export type IpcGroup = keyof IpcTable;
/** Group and call, as in the channel's name: `visit.chooseCode`. */
export type IpcCallPath = {
  [G in IpcGroup]: `${G}.${Extract<keyof IpcTable[G]['calls'], string>}`;
}[IpcGroup];

type DefinitionOf<P extends IpcCallPath> = P extends `${infer G extends IpcGroup}.${infer C}`
  ? C extends keyof IpcTable[G]['calls']
    ? IpcTable[G]['calls'][C]
    : never
  : never;
type AsCall<D> = D extends CallDefinition<infer I, infer O> ? CallDefinition<I, O> : never;
export type IpcInput<P extends IpcCallPath> = z.input<AsCall<DefinitionOf<P>>['input']>;
/** The input as main's handlers see it: parsed. */
export type IpcParsedInput<P extends IpcCallPath> = z.output<AsCall<DefinitionOf<P>>['input']>;
export type IpcOutput<P extends IpcCallPath> = z.output<AsCall<DefinitionOf<P>>['output']>;

/** Every call: its path, its guard, its schemas. */
export const ipcCalls: readonly (CallDefinition & {
  readonly path: IpcCallPath;
  readonly guard: IpcGuard;
})[] = Object.entries(ipcTable).flatMap(([group, { guard, calls }]) =>
  Object.entries<CallDefinition>(calls).map(([name, definition]) => ({
    path: `${group}.${name}` as IpcCallPath,
    guard,
    input: definition.input,
    output: definition.output,
  })),
);

/** bad_request: payload did not parse; forbidden: not allowed to call this; stale: the state has moved on; internal: a bug, logged. */
export type IpcErrorCode = 'bad_request' | 'forbidden' | 'stale' | 'internal';
export type IpcResult<T> = Result<T, Failure<IpcErrorCode>>;

/** Those that speak with main over this table. */
export type IpcCaller = keyof typeof ipcEvents;
export type IpcEventName<C extends IpcCaller> = Extract<keyof (typeof ipcEvents)[C], string>;
export type IpcEventPayload<C extends IpcCaller, N extends IpcEventName<C>> = z.output<
  Extract<(typeof ipcEvents)[C][N], z.ZodType>
>;

/** Whether a call is for this caller. */
export function isCallOf(caller: IpcCaller, guard: IpcGuard): boolean {
  return guard === caller || (guard === 'seen' && caller !== 'goods');
}

type PathOf<G extends IpcGroup, C extends string> = Extract<`${G}.${C}`, IpcCallPath>;

type GroupOf<C extends IpcCaller> = {
  [G in IpcGroup]: IpcTable[G]['guard'] extends C | (C extends 'goods' ? never : 'seen') ? G : never;
}[IpcGroup];

/** `window.kiosk` of the page or of a view: made from the table by preload. */
export type ApiOf<C extends IpcCaller> = {
  readonly [G in GroupOf<C>]: {
    readonly [C in Extract<keyof IpcTable[G]['calls'], string>]: (
      input: IpcInput<PathOf<G, C>>,
    ) => Promise<IpcResult<IpcOutput<PathOf<G, C>>>>;
  };
} & {
  /** Subscribes; the returned function unsubscribes. */
  on<N extends IpcEventName<C>>(event: N, listener: (payload: IpcEventPayload<C, N>) => void): () => void;
};
export type KioskApi = ApiOf<'page'>;
export type FaceViewApi = ApiOf<'face'>;
export type PinViewApi = ApiOf<'pin'>;
export type GoodsViewApi = ApiOf<'goods'>;
