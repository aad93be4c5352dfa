import { z } from 'zod';
import { skuSchema } from './catalog.schema.ts';
import { deviceIdSchema } from './device.ts';
import { photoLooks } from './goods-photo.ts';
import { shelfSlotSchema, slotsOfCameraMax } from './shelf-camera.ts';
import { jpegSchema } from './shelf-picture.schema.ts';

/** Photos of articles by the cameras inside, as the page draws them. */

const slotNumber = z
  .int()
  .min(0)
  .max(slotsOfCameraMax - 1);

export const photosViewSchema = z.object({
  cameras: z.array(z.object({ id: deviceIdSchema, slots: z.array(shelfSlotSchema) })),
  /** By how many photos articles are known, and whether that is enough. Of those that are not here nothing is known. */
  known: z.array(z.object({ sku: skuSchema, count: z.int().min(1), isEnough: z.boolean() })),
  /** What is being photographed; null: nothing so far. */
  now: z
    .object({
      camera: deviceIdSchema,
      slot: slotNumber,
      /** The last picture, whether it was kept or not; null: there is none. */
      jpeg: jpegSchema.nullable(),
      /** The slot was seen empty: an article may be put there. */
      isSeenEmpty: z.boolean(),
      /** Photos of articles that were kept since then. */
      kept: z.int().min(0),
      /** Articles that pictures alone never tell from the last one. */
      twins: z.array(skuSchema),
    })
    .nullable(),
  /** So many may be taken back, the last first. */
  undoCount: z.int().min(0),
});
export type PhotosView = z.infer<typeof photosViewSchema>;

export const photoOrderSchemas = [
  /** By the camera inside: of the slot without goods (`sku` null) first, then of one piece in it. */
  z
    .object({
      ...{ act: z.literal('takePhoto'), camera: deviceIdSchema, slot: slotNumber },
      ...{ sku: skuSchema.nullable(), look: z.enum(photoLooks).nullable() },
    })
    .strict(),
  /** What the last photo has taught is forgotten. */
  z.object({ act: z.literal('undoPhoto') }).strict(),
] as const;
