import { z } from 'zod';
import { memberIdSchema } from '../model/member.schema.ts';
import { amountMaxMinor } from '../money.ts';
import { currencySchema } from '../money.schema.ts';

/** What people ask of a member's prepaid wallet, and what they are told of it. Amounts are minor units. */

/** Who a human is who moves money, as the support console knows them. */
const actorSchema = z.string().min(1).max(64);
/** The number that whoever took the money, or decided about it, has given this act: it is done once. */
const referenceSchema = z.string().regex(/^[0-9A-Za-z_.:-]{1,64}$/);

export const openWalletRequestSchema = z.object({ currency: currencySchema });
export type OpenWalletRequest = z.infer<typeof openWalletRequestSchema>;

export const topUpWalletRequestSchema = z.object({
  currency: currencySchema,
  amountMinor: z.number().int().min(1).max(amountMaxMinor),
  reference: referenceSchema,
  actor: actorSchema,
});
export type TopUpWalletRequest = z.infer<typeof topUpWalletRequestSchema>;

export const adjustWalletRequestSchema = z.object({
  currency: currencySchema,
  /** Negative: taken out. */
  amountMinor: z
    .number()
    .int()
    .min(-amountMaxMinor)
    .max(amountMaxMinor)
    .refine((amount) => amount !== 0, 'not nothing'),
  reference: referenceSchema,
  actor: actorSchema,
  /** Why, in words, for whoever asks later. */
  reason: z.string().min(1).max(150),
});
export type AdjustWalletRequest = z.infer<typeof adjustWalletRequestSchema>;

export const walletBalanceSchema = z.object({
  memberId: memberIdSchema,
  currency: currencySchema,
  balanceMinor: z.number().int().min(0),
});
export type WalletBalance = z.infer<typeof walletBalanceSchema>;

export const walletStatementSchema = walletBalanceSchema.extend({
  /** Newest first. */
  entries: z.array(
    z.object({
      entryId: z.number(),
      kind: z.enum(['top_up', 'debit', 'refund', 'adjustment']),
      /** Negative: taken out. */
      amountMinor: z.number().int(),
      /** Of a debit and its refunds: the charge. */
      orderId: z.string().nullable(),
      actor: z.string(),
      reason: z.string(),
      atMs: z.number(),
    }),
  ),
  /** Older ones are before this entry; null: there are none. */
  olderBefore: z.number().nullable(),
});
export type WalletStatement = z.infer<typeof walletStatementSchema>;

export const walletFindingSchema = z.object({
  kind: z.enum([
    'sum_not_zero',
    'balance_differs',
    'overdrawn',
    'other_currency',
    'refunded_too_much',
    'debit_without_charge',
    'debit_not_booked',
    'charge_without_debit',
  ]),
  /** The currency, the account or the order that it is about. */
  about: z.string(),
  detail: z.string(),
});
export type WalletFinding = z.infer<typeof walletFindingSchema>;
