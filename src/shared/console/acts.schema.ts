import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { chargeIdSchema, visitIdSchema } from '../ids.schema.ts';
import { lineCountMax, pieceCountMax } from '../model/basket.ts';
import { skuSchema } from '../model/catalog.schema.ts';
import { messageTemplates, messageTextSchema } from '../model/message.schema.ts';
import { memberIdSchema } from '../model/member.schema.ts';
import { amountMaxMinor } from '../money.ts';
import { currencySchema } from '../money.schema.ts';
import type { ConsoleRight } from './roles.ts';
import { drawnPromotionsSchema, putPromotionsSchema } from './promotions.schema.ts';
import { reasonSchema } from './staff.schema.ts';
import {
  orderUpdateSchema,
  pauseUpdatesSchema,
  unpinCabinetSchema,
  withdrawReleaseSchema,
} from './updates.schema.ts';

const amountSchema = z.number().int().min(0).max(amountMaxMinor);
/** The number that whoever took the money, or decided about it, has given it: it is done once. */
const referenceSchema = z.string().regex(/^[0-9A-Za-z_.:-]{1,64}$/);
const rowIdSchema = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/**
 * What people may do. All that can become of a charge is one act with the five decisions of `resolveCharge`
 * (operator/support):
 * - held lines are billed: `debit` with them, up to `ceilingMinor`; dropped: `debit` without them, or `waive` where nothing
 *   else is on the bill; the bill is adjusted down: `debit` with less; voided or written off: `waive` with 0;
 * - a report is right: `waive` with what is left, and what was paid beyond it goes back; it is not: `deny_dispute`;
 * - refunded: `waive` with less than was paid; paid in another way: `settled`; found debited at the provider: `debited`.
 * `cabinetId` is asked for where the charge has not arrived yet (then `waive` or `settled`).
 */
export const consoleActSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('decide_charge'),
    chargeId: chargeIdSchema,
    decision: z.enum(['debit', 'waive', 'settled', 'debited', 'deny_dispute']),
    amountMinor: amountSchema,
    cabinetId: cabinetIdSchema.optional(),
  }),
  /**
   * Charges what was taken in a visit of which no charge has come (`visits`), at the prices of then (`visitGoods`); once, and never
   * beside the cabinet's own charge, whenever that comes.
   */
  z.object({
    kind: z.literal('charge_visit'),
    cabinetId: cabinetIdSchema,
    visitId: visitIdSchema,
    goods: z
      .array(z.object({ sku: skuSchema, count: z.number().int().min(1).max(pieceCountMax) }))
      .min(1)
      .max(lineCountMax),
  }),
  /** What is listed was looked at, and what was done about it is the reason. */
  z.object({ kind: z.literal('close_incident'), incidentId: rowIdSchema }),
  z.object({
    kind: z.literal('close_difference'),
    differenceId: rowIdSchema,
    state: z.enum(['explained', 'closed']),
  }),
  z.object({ kind: z.literal('open_wallet'), memberId: memberIdSchema, currency: currencySchema }),
  z.object({
    kind: z.literal('top_up_wallet'),
    memberId: memberIdSchema,
    currency: currencySchema,
    amountMinor: amountSchema.min(1),
    reference: referenceSchema,
  }),
  z.object({
    kind: z.literal('adjust_wallet'),
    memberId: memberIdSchema,
    currency: currencySchema,
    /** Negative: taken out. */
    amountMinor: z
      .number()
      .int()
      .min(-amountMaxMinor)
      .max(amountMaxMinor)
      .refine((amount) => amount !== 0, 'not nothing'),
    reference: referenceSchema,
  }),
  /** No door opens for them any more: online at once, offline with the next policy. */
  z.object({ kind: z.literal('block_member'), memberId: memberIdSchema }),
  z.object({ kind: z.literal('unblock_member'), memberId: memberIdSchema }),
  /** The member reads it on their phone, until it ends (90 days). */
  z.object({
    kind: z.literal('message_member'),
    memberId: memberIdSchema,
    template: z.enum(messageTemplates),
    text: messageTextSchema,
    chargeId: chargeIdSchema.optional(),
    /** Of which no charge has come. */
    visit: z.object({ cabinetId: cabinetIdSchema, visitId: visitIdSchema }).optional(),
  }),
  /** That catalogue is sold by from now on (`draftGoods`, or one that was in force before). */
  z.object({ kind: z.literal('put_goods'), number: rowIdSchema }),
  putPromotionsSchema,
  orderUpdateSchema,
  /** Nothing new begins, and nothing is switched; or it goes on. */
  pauseUpdatesSchema,
  /** Never to be installed, or switched to, any more, by nobody. */
  withdrawReleaseSchema,
  /** It follows the fleet again. */
  unpinCabinetSchema,
]);
export type ConsoleAct = z.infer<typeof consoleActSchema>;

/** The one table of what an act asks for; `decide_charge` asks for `money` where money has moved, or is said to have. */
export function rightForAct(act: ConsoleAct): ConsoleRight {
  switch (act.kind) {
    case 'decide_charge':
      return act.decision === 'settled' || act.decision === 'debited' ? 'money' : 'decide';
    case 'charge_visit':
    case 'close_incident':
      return 'decide';
    case 'block_member':
    case 'unblock_member':
    case 'message_member':
      return 'member';
    case 'close_difference':
    case 'open_wallet':
    case 'top_up_wallet':
    case 'adjust_wallet':
      return 'money';
    case 'put_goods':
    case 'put_promotions':
    case 'order_update':
    case 'pause_updates':
    case 'withdraw_release':
    case 'unpin_cabinet':
      return 'fleet';
  }
}

const stateSchema = z.record(z.string(), z.unknown());
/** As somebody wants it now: what waits from before is read by the schema above alone. */
const wantedActSchema = consoleActSchema.refine(
  (act) => act.kind !== 'put_promotions' || drawnPromotionsSchema.safeParse(act.promotions).success,
  'a name with signs that nobody sees',
);
export const previewRequestSchema = z.object({ act: wantedActSchema, reason: reasonSchema });
export const previewSchema = z.object({
  /** To be sent with the act. */
  version: z.string(),
  before: stateSchema,
  after: stateSchema,
  /** What happens by itself then: the account is debited; money goes back; people pay it back by hand; nothing. */
  next: z.enum(['debit', 'refund', 'refund_by_hand', 'nothing']),
  /** How much of money it is about. */
  stakeMinor: z.number(),
  /** Somebody else has to agree. */
  needsSecond: z.boolean(),
});
export type Preview = z.infer<typeof previewSchema>;

/** `version`: of what was seen (`Preview`, `Story.charge`). */
export const actRequestSchema = previewRequestSchema.extend({ version: z.string().max(64) });
export const actReplySchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('done'), after: stateSchema }),
  z.object({ outcome: z.literal('proposed'), proposalId: z.number(), endsAtMs: z.number() }),
]);
export type ActReply = z.infer<typeof actReplySchema>;

export const proposalSchema = z.object({
  proposalId: z.number(),
  act: consoleActSchema,
  reason: z.string(),
  version: z.string(),
  before: stateSchema,
  after: stateSchema,
  stakeMinor: z.number(),
  /** Who has proposed it, and so cannot agree. */
  accountId: z.string(),
  actor: z.string(),
  madeAtMs: z.number(),
  endsAtMs: z.number(),
});
export type Proposal = z.infer<typeof proposalSchema>;
export const agreeRequestSchema = z.object({ version: z.string().max(64) });
export const refuseRequestSchema = z.object({ reason: reasonSchema });

export const logParamsSchema = z.object({
  /** Of a charge, `member:…`, `incident:…`, an account. */
  subject: z.string().max(100).optional(),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31)
    .optional(),
});
export const logPageSchema = z.object({
  /** Newest first. */
  items: z
    .array(
      z.object({
        seq: z.number(),
        atMs: z.number(),
        actor: z.string(),
        act: z.string(),
        subject: z.string(),
        reason: z.string(),
        before: z.string(),
        after: z.string(),
        agreedBy: z.string().nullable(),
      }),
    )
    .readonly(),
  next: z.number().nullable(),
});
/** The first place of the log that is not as it was written; null: it is whole. */
export const logCheckSchema = z.object({ brokenAt: z.number().nullable() });
