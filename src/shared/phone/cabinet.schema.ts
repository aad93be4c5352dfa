import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { cabinetCodeMaxLength } from '../model/cabinet-code.ts';
import { localTextSchema } from '../model/catalog.schema.ts';
import { memberCodeMaxLength } from '../model/member.ts';
import { cabinetRefusals } from './cabinet.ts';

/** `enrol`: the member allows a face to be enrolled where it is shown; it opens no door. */
const purposeSchema = z.enum(['visit', 'enrol']).default('visit');

export const memberCodeRequestSchema = z.object({ purpose: purposeSchema });
export const memberCodeReplySchema = z.object({
  code: z.string().min(1).max(memberCodeMaxLength),
  /** By the operator's clock, as `nowMs`. */
  endsAtMs: z.number(),
  nowMs: z.number(),
});

/** All that the QR says. */
const codeTextSchema = z.string().max(4 * cabinetCodeMaxLength);
/** Where the phone is, which its owner has agreed to say: degrees (WGS 84), and how wrong that may be. */
export const positionSchema = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  accuracyM: z.number().min(0).max(100_000),
});

export const lookCabinetRequestSchema = z.object({ text: codeTextSchema });
/** Null: nobody has said where it stands. */
const placeSchema = localTextSchema.nullable();
export const lookedCabinetSchema = z.discriminatedUnion('opens', [
  z.object({
    opens: z.literal(true),
    cabinetId: cabinetIdSchema,
    place: placeSchema,
    /** For so long it has been on the screen, and until then it is taken; the operator's clock. */
    shownForMs: z.number(),
    endsAtMs: z.number(),
    nowMs: z.number(),
    /** Where it stands is known: with the phone's position the code is taken for longer. */
    asksPosition: z.boolean(),
  }),
  z.object({ opens: z.literal(false), reason: z.enum(cabinetRefusals) }),
]);
export type LookedCabinet = z.infer<typeof lookedCabinetSchema>;

export const openCabinetRequestSchema = z.object({
  text: codeTextSchema,
  /** As the page has named it when the member said yes. */
  cabinetId: cabinetIdSchema,
  purpose: purposeSchema,
  position: positionSchema.nullable().default(null),
});
/** `true`: it goes on at the cabinet, which judges the member as always and says so on its screen. */
export const openedCabinetSchema = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true), cabinetId: cabinetIdSchema }),
  z.object({ accepted: z.literal(false), reason: z.enum(cabinetRefusals) }),
]);
