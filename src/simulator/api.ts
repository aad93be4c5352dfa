import { z } from 'zod';
import { epcSchema, skuSchema } from '../shared/model/catalog.schema.ts';
import { deviceKindSchema } from '../shared/model/device.ts';
import { doorNumberSchema } from '../shared/model/lock-spec.ts';
import { memberIdSchema } from '../shared/model/member.schema.ts';
import { lineFaults, networkDelayMaxMs, networkModes } from './switches.ts';
import type { NetworkMode } from './switches.ts';

/** The simulator's control API (loopback, JSON): what the panel, the tests, the demo and the benchmark send and get. */
export const scanTextMaxChars = 8192;
const shelfSchema = z.number().int().min(1).max(50);
const chosen = { epc: epcSchema.optional(), sku: skuSchema.optional() };

/** `door`: from 1; left out: one that is unlocked (pull), or open (close), the first (force). */
export const doorRequestSchema = z.strictObject({
  action: z.enum(['pull', 'force', 'close']),
  door: doorNumberSchema.optional(),
});

const oneOf = { message: 'give either an epc or a sku' };
export const goodsRequestSchema = z.union([
  z
    .strictObject({ action: z.enum(['take', 'cover', 'uncover']), ...chosen })
    .refine((r) => (r.epc === undefined) !== (r.sku === undefined), oneOf),
  z
    .strictObject({ action: z.literal('put_back'), ...chosen, shelf: shelfSchema.optional() })
    .refine((r) => (r.epc === undefined) !== (r.sku === undefined), oneOf),
  /** Neither: something nobody knows, with a tag nobody has seen. */
  z.strictObject({ action: z.literal('put_foreign'), ...chosen, shelf: shelfSchema.optional() }),
  /** All as it was at first; works through a closed door (nobody's hand). */
  z.strictObject({ action: z.literal('restock') }),
]);
export type GoodsRequest = z.infer<typeof goodsRequestSchema>;

export const scanRequestSchema = z.strictObject({
  text: z.string().max(scanTextMaxChars),
  /** AIM id; a QR code when absent. */
  aim: z
    .string()
    .regex(/^\][\x21-\x7e]{2}$/)
    .optional(),
});

export const presentRequestSchema = z.strictObject({
  memberId: memberIdSchema,
  /**
   * `fresh`: as a phone shows it. `enrol`: the one with which a face may be enrolled. `expired`: an hour old. `replayed`:
   * the code that was presented last, once more.
   */
  code: z.enum(['fresh', 'enrol', 'expired', 'replayed']).default('fresh'),
});

/** A member's phone scans the QR on the kiosk's screen. */
export const phoneRequestSchema = z.strictObject({
  memberId: memberIdSchema,
  /** `shown`: what is on screen now. `replayed`: what was scanned last, once more, as from a photograph. */
  code: z.enum(['shown', 'replayed']).default('shown'),
});

export const networkRequestSchema = z
  .strictObject({
    mode: z.enum(networkModes).optional(),
    delayMs: z.number().int().min(0).max(networkDelayMaxMs).optional(),
  })
  .refine((r) => r.mode !== undefined || r.delayMs !== undefined, { message: 'give a mode or a delay' });

/** `jammed` (lock only): the board answers as ever, the bolt does not move. */
export const deviceFaultSchema = z.enum([...lineFaults, 'jammed']);
export type DeviceFault = z.infer<typeof deviceFaultSchema>;
export const deviceRequestSchema = z
  .strictObject({ connected: z.boolean().optional(), fault: deviceFaultSchema.optional() })
  .refine((r) => r.connected !== undefined || r.fault !== undefined, { message: 'give connected or fault' });

export const powerRequestSchema = z.strictObject({ action: z.enum(['kill', 'start']) });
/** Passed on to the operator's development API as it is. */
export const providerRequestSchema = z.looseObject({
  mode: z.enum(['ok', 'decline', 'delay', 'timeout_after_charge', 'down']),
});

export const traceQuerySchema = z.strictObject({
  since: z.coerce.number().int().min(0).default(0),
  device: deviceKindSchema.optional(),
});

export const memberRowSchema = z.object({
  memberId: memberIdSchema,
  display: z.string().max(80),
  note: z.string().max(400).nullish(),
});
export type MemberRow = z.infer<typeof memberRowSchema>;

export interface DeviceView {
  readonly connected: boolean;
  readonly fault: DeviceFault;
  /** Whether a kiosk holds the link right now. */
  readonly attached: boolean;
}

/** GET /state, and each event of GET /events. */
export interface SimulatorState {
  readonly door: 'open' | 'closed';
  readonly bolt: 'locked' | 'released';
  /** Each door, the first one first; `door` and `bolt` are of all as one. */
  readonly doors: readonly { readonly door: 'open' | 'closed'; readonly bolt: 'locked' | 'released' }[];
  readonly shelfCount: number;
  readonly goods: readonly {
    readonly epc: string;
    readonly sku: string | null;
    readonly place: 'shelf' | 'wrong_shelf' | 'hand';
    readonly shelf: number | null;
    readonly covered: boolean;
    readonly foreign: boolean;
  }[];
  readonly network: { readonly mode: NetworkMode; readonly delayMs: number };
  /** Null: this cabinet has none of these. */
  readonly devices: Readonly<Record<z.infer<typeof deviceKindSchema>, DeviceView | null>>;
  /** The light at the camera. Null: this cabinet has none. */
  readonly light: 'on' | 'off' | null;
  readonly members: readonly MemberRow[];
  /** Null: no launcher gave a switch. */
  readonly power: 'on' | 'off' | null;
  /** The simulated phones can see the kiosk's screen. */
  readonly screenReader: boolean;
}

/** Every answer that is not 2xx. */
export const controlErrorSchema = z.object({
  error: z.enum([
    'bad_request',
    'too_large',
    'not_found',
    'forbidden',
    'bolted',
    'door_is_open',
    'door_is_closed',
    'no_such_item',
    'no_such_shelf',
    'duplicate_tag',
    'cabinet_full',
    'device_unplugged',
    'device_busy',
    'no_last_code',
    'no_screen_reader',
    'no_code_on_screen',
    'sign_in_refused',
    'no_power_switch',
    'power_failed',
    'operator_unreachable',
    'operator_refused',
    'internal',
  ]),
  message: z.string(),
});
export type ControlErrorCode = z.infer<typeof controlErrorSchema>['error'];
