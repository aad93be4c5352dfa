import { z } from 'zod';
import { amountMaxMinor } from '../../../shared/money.ts';

/** The prepaid wallet, whose ledger is in the operator's own database. `{}` is enough. */
export const walletConfigSchema = z.strictObject({
  /** With less than this in it, minor units, a wallet opens no door. Nothing of it is held. */
  openMinMinor: z.number().int().min(0).max(amountMaxMinor).default(1),
});
export type WalletConfig = z.infer<typeof walletConfigSchema>;
