import { amountMaxMinor, currencies, type Minor } from './money.ts';
import { z } from 'zod';

export const minorSchema = z
  .number()
  .int()
  .min(0)
  .max(amountMaxMinor)
  .transform((n) => n as Minor);

export const currencySchema = z.enum(currencies);
