import { z } from 'zod';
import { skuSchema } from './catalog.schema.ts';
import { deviceIdSchema } from './device.ts';
import { shelfCameraSchema, shelfCamerasMax, slotsOfCameraMax } from './shelf-camera.ts';
import { jpegSchema } from './shelf-picture.schema.ts';
import { shelfCameraTroubles, shelfPhases, stillFaults } from './shelf-watch.ts';

/** What main and the view that looks at goods say to each other. Pictures leave it masked to the shelf, and small. */

const nonce = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const base64 = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/);
/** 400 numbers of 32 bits. */
const descriptor = base64(2_400);
/** A small grey picture, a byte each. */
const stoodSchema = z
  .object({
    width: z.int().min(16).max(240),
    height: z.int().min(16).max(240),
    grey: base64(80_000),
  })
  .nullable();
export type StoodPicture = NonNullable<z.infer<typeof stoodSchema>>;

/** What articles of this cabinet look like, as its own cameras have seen them. */
export const galleryMessageSchema = z.object({
  headVersion: z.string().max(40),
  articles: z
    .array(z.object({ sku: skuSchema, references: z.array(descriptor).min(1).max(12) }))
    .max(shelfCamerasMax * slotsOfCameraMax),
  empty: z.array(descriptor).max(12),
});
export type GalleryMessage = z.infer<typeof galleryMessageSchema>;

/**
 * `round`: how often the door has shut in this visit, or was asked for a still; what belongs to an earlier one is void. Of stills the
 * first is of the slot without goods, with which those after it are compared.
 */
export const goodsOrderSchema = z.object({
  nonce,
  phase: z.enum(shelfPhases),
  round: z.int().min(0).max(10_000),
  cameras: z
    .array(
      z.object({
        camera: shelfCameraSchema,
        stood: stoodSchema,
        /** Slots of which it is known what is in them (null: nothing), and of which more should be known. */
        teaches: z
          .array(z.object({ slot: z.int().min(0).max(slotsOfCameraMax), sku: skuSchema.nullable() }))
          .max(8),
      }),
    )
    .min(1)
    .max(shelfCamerasMax),
});
export type GoodsOrder = z.infer<typeof goodsOrderSchema>;

const trouble = z.enum(shelfCameraTroubles).nullable();
const chance = z.number().min(0).max(1);
const viewSchema = z.object({ sku: skuSchema, changed: chance, named: chance });
const ofCamera = { camera: deviceIdSchema };

export const goodsReportSchema = z.discriminatedUnion('kind', [
  /** There is a picture from before the door opened, or why there is none. `agoMs`: it was taken so long ago. */
  z.object({ kind: z.literal('before'), ...ofCamera, trouble, agoMs: z.number().min(0).max(600_000) }),
  /** The door is open: which share of each slot differs; none: hands, or a trouble. */
  z.object({
    ...{ kind: z.literal('change'), ...ofCamera, trouble },
    shares: z.array(chance).max(slotsOfCameraMax),
  }),
  z.object({
    ...{ kind: z.literal('after'), ...ofCamera, trouble, round: z.int().min(0).max(10_000) },
    views: z.array(viewSchema).max(slotsOfCameraMax),
  }),
  /** To be kept as evidence. */
  z.object({ kind: z.literal('picture'), ...ofCamera, when: z.enum(['before', 'after']), jpeg: jpegSchema }),
  /** How it stood when it was seen for the first time. */
  z.object({ kind: z.literal('stood'), ...ofCamera, stood: stoodSchema.unwrap() }),
  z.object({
    ...{ kind: z.literal('learned'), ...ofCamera, headVersion: z.string().max(40) },
    ...{ slot: z.int().min(0).max(slotsOfCameraMax), descriptor },
  }),
  /** A still as it was asked for, and what was seen in the slot that it teaches; null: none was asked for, or it says nothing. */
  z.object({
    ...{ kind: z.literal('still'), ...ofCamera, round: z.int().min(0).max(10_000) },
    why: z.enum(stillFaults).nullable(),
    jpeg: jpegSchema.nullable(),
    seen: z
      .object({ headVersion: z.string().max(40), slot: z.int().min(0).max(slotsOfCameraMax), descriptor })
      .nullable(),
  }),
  /** It cannot be opened, or is gone; null: it runs. */
  z.object({ kind: z.literal('camera'), ...ofCamera, trouble }),
]);
export type GoodsReport = z.infer<typeof goodsReportSchema>;
