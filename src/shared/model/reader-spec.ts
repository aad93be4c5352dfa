import { z } from 'zod';
import { doorNumberSchema } from './lock-spec.ts';

/** What is configured of each tag reader, beside its kind and transport. */
const region = z.enum(['china-900', 'us', 'europe', 'korea']);
/** In hundredths of a dBm like every power here; these readers take whole dBm only. */
/** Of several doors the one behind which all lies that this reader hears; left out: it hears more than that. */
const behindDoor = doorNumberSchema.optional();
const wholeDbm = z.number().int().min(0).max(3000).multipleOf(100);

export const r200Shape = {
  protocol: z.literal('rfid-r200'),
  behindDoor,
  region,
  /** Transmit power in hundredths of a dBm (2600 = 26 dBm), as the module takes it. */
  powerCentiDbm: z.number().int().min(0).max(3300),
};

export const uhfReader18Shape = {
  protocol: z.literal('rfid-uhfreader18'),
  behindDoor,
  /** Address on the bus; 255 = whichever answers (only with one reader on the line). */
  address: z.number().int().min(0).max(255),
  /** Which shape the inventory data of this firmware has; `ask`: from what the reader says about itself. */
  form: z.enum(['old', 'new', 'ask']),
  region,
  powerCentiDbm: wholeDbm,
};

export const sw5357Shape = {
  protocol: z.literal('rfid-sw5357'),
  behindDoor,
  region,
  powerCentiDbm: wholeDbm,
};
