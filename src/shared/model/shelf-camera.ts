import { z } from 'zod';
import { skuSchema } from './catalog.schema.ts';
import { deviceIdSchema } from './device.ts';
import type { WeighedShelf } from './weighed-shelf.ts';

/** Fronts of goods that one camera sees at most, and cameras of one cabinet. */
export const slotsOfCameraMax = 60;
export const shelfCamerasMax = 6;

/** A place in a picture, as a share of its width or height. */
const share = z.number().min(0).max(1);

/** One front of goods: where an article stands in the picture. Shares of the picture, from its top left. */
export const shelfSlotSchema = z
  .object({
    sku: skuSchema,
    left: share,
    top: share,
    width: z.number().min(0.02).max(1),
    height: z.number().min(0.02).max(1),
  })
  .refine(
    ({ left, width }) => left + width <= 1.0001,
    'the slot reaches beyond the right edge of the picture',
  )
  .refine(
    ({ top, height }) => top + height <= 1.0001,
    'the slot reaches beyond the lower edge of the picture',
  );

/** A camera inside, over goods that stand on scales: which slots it sees, and what of its picture is shelf. */
export const shelfCameraSchema = z.object({
  /** Its name here, as a device has one. */
  id: deviceIdSchema,
  /** Its `deviceId`, or its name. Never left out: another camera may be the one for faces. */
  camera: z.string().min(1).max(200),
  /** The shelf in its picture, corner by corner: what lies outside is black before anything is kept. */
  shelf: z
    .array(z.tuple([share, share]))
    .min(3)
    .max(16),
  slots: z.array(shelfSlotSchema).min(1).max(slotsOfCameraMax),
});
export type ShelfCamera = z.infer<typeof shelfCameraSchema>;

export const shelfCamerasSchema = z.array(shelfCameraSchema).max(shelfCamerasMax).default([]);

interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What of these cameras cannot be, beside these scales and the camera for faces, in words for whoever has written it; and where. */
export function problemsOfCameras(
  cameras: readonly ShelfCamera[],
  { lanes }: WeighedShelf,
  others: { readonly deviceIds: readonly string[]; readonly faceCamera: string | null },
): Problem[] {
  const laneOf = new Map(lanes.flatMap(({ lane, goods }) => goods.map(({ sku }) => [sku, lane] as const)));
  const cameraOfLane = new Map<number, string>();
  const ids = new Set(others.deviceIds);
  const names = new Set(others.faceCamera === null ? [] : [others.faceCamera]);
  return cameras.flatMap(({ id, camera, slots }, i) => {
    const path = ['cameras', i];
    const problems: Problem[] = [];
    if (ids.has(id)) problems.push({ path: [...path, 'id'], message: `${id} is the name of another device` });
    if (names.has(camera))
      problems.push({ path: [...path, 'camera'], message: `${camera} is used for something else already` });
    ids.add(id);
    names.add(camera);
    for (const [j, { sku }] of slots.entries()) {
      const lane = laneOf.get(sku);
      const at = [...path, 'slots', j, 'sku'];
      if (lane === undefined) {
        problems.push({ path: at, message: `${sku} stands on no scale: a picture alone makes no line` });
        continue;
      }
      const before = cameraOfLane.get(lane);
      if (before !== undefined && before !== id)
        problems.push({ path: at, message: `lane ${lane} is seen by ${before} already` });
      cameraOfLane.set(lane, before ?? id);
    }
    return problems;
  });
}
