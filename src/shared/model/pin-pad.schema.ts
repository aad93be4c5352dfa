import { z } from 'zod';
import { doorStateSchema } from './device.ts';
import { newPinFaults, pinActs, signInRefusals } from './service.ts';
import { secretSchema, staffNoSchema } from './service.schema.ts';

/** Of each pad that is asked at; what was typed for another one counts nothing. */
const padIdSchema = z.number().int().min(1);
const common = {
  padId: padIdSchema,
  /** What was typed is looked at. */
  isChecking: z.boolean(),
  /** The door is open, or the bolt may be loose: what is taken now is on nobody's bill. */
  isUnbilled: z.boolean(),
};

/** What the PIN view draws: who is asked for what, in whose words. Made by main alone; the page is told none of it. */
export const pinPadSchema = z.discriminatedUnion('screen', [
  /** Number, then PIN or one-time code. */
  z.object({
    ...common,
    screen: z.literal('signIn'),
    refusal: z.enum(signInRefusals).nullable(),
    /** So long nobody may try, ms, when this was made. */
    waitMs: z.number().int().min(0),
    /** Nobody has a PIN here that counts: the first administrator comes in with a one-time code. */
    needsCode: z.boolean(),
    /** Of a card that was shown. */
    staffNo: staffNoSchema.nullable(),
    /** Somebody has been at work, and the door was not seen shut since. */
    isAtWork: z.boolean(),
    door: doorStateSchema,
  }),
  /** A new PIN, typed twice. */
  z.object({
    ...common,
    screen: z.literal('newPin'),
    name: z.string(),
    fault: z.enum(newPinFaults).nullable(),
    /** False: whoever came in with a one-time code sets one before anything else. */
    mayGoBack: z.boolean(),
  }),
  /** The PIN of whoever is signed in, once more, for this act alone. */
  z.object({ ...common, screen: z.literal('confirm'), name: z.string(), act: z.enum(pinActs) }),
]);
export type PinPad = z.infer<typeof pinPadSchema>;

export const ofPadSchema = z.object({ padId: padIdSchema }).strict();
export const signInOfPadSchema = ofPadSchema
  .extend({ staffNo: staffNoSchema, secret: secretSchema })
  .strict();
export const newPinOfPadSchema = ofPadSchema.extend({ pin: secretSchema, again: secretSchema }).strict();
export const pinOfPadSchema = ofPadSchema.extend({ pin: secretSchema }).strict();
