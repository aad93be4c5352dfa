import { z } from 'zod';

/** What is configured of each code scanner, beside its kind and transport; and the key presses of those that type. */
export const hidPosShape = {
  protocol: z.literal('scanner-hid-pos'),
  /** `auto`: from the structure of the reports, for a scanner whose layout is not known. */
  layout: z.enum(['standard', 'counted', 'newland', 'auto']),
};

export const wedgeShape = {
  protocol: z.literal('scanner-wedge'),
  /** The key that ends a code. `none`: a pause ends it. */
  suffix: z.enum(['enter', 'tab', 'none']),
  /** Keys further apart than this are a person typing. Scanners need 10 ms, slow ones 80 with peaks of 100. */
  keyGapMs: z.number().int().min(10).max(500),
  /** Shorter ones are no code. */
  minLength: z.number().int().min(1).max(256),
};

export const serialScannerShape = {
  protocol: z.literal('scanner-serial'),
  /** What the scanner puts after a code; `none`: silence ends it. */
  suffix: z.enum(['cr', 'lf', 'crlf', 'none']),
  /** The maker whose word for "take no programming bar codes" is sent at each connection; left out: none is sent. */
  programmingOff: z.literal('newland').optional(),
};

/** One key going down or up, as Electron's `before-input-event` names it (the DOM's `key` and `code`). */
export const keyPressSchema = z.object({
  type: z.enum(['down', 'up']),
  /** `a`, `A`, `Enter`, `Process` (an input method has it) … */
  key: z.string().max(16),
  /** The place on the keyboard: `KeyA`, `Numpad7` … */
  code: z.string().max(24),
  /** The key takes part in an input method's composition. */
  composing: z.boolean(),
  /** Milliseconds on any monotonic scale. */
  atMs: z.number(),
});
export type KeyPress = z.infer<typeof keyPressSchema>;
/** Most presses in one message to the device host. */
export const keyPressMax = 64;
