import { z } from 'zod';
import { lineCountMax } from './basket.ts';
import { skuSchema } from './catalog.schema.ts';
import type { CabinetDevices } from './device.ts';
import { laneSchema } from './scale.ts';

/** What pieces of packaged goods differ by in weight, percent (one σ), until it has been learned. */
const spreadPercentDefault = 1.2;

/**
 * Which goods stand on which scale. What a piece weighs is in the catalogue; how much pieces of an article differ may be said
 * here, and is learned.
 */
export const weighedShelfSchema = z.object({
  lanes: z
    .array(
      z.object({
        /** The lane's number, as its scale has it in `cabinet.devices`. */
        lane: laneSchema,
        goods: z
          .array(
            z.object({
              sku: skuSchema,
              spreadPercent: z.number().min(0.1).max(20).default(spreadPercentDefault),
            }),
          )
          .min(1)
          .max(lineCountMax),
      }),
    )
    .max(99)
    .refine((lanes) => new Set(lanes.map(({ lane }) => lane)).size === lanes.length, {
      message: 'a lane twice: all goods of a lane belong into one entry',
    })
    .default([]),
});
export type WeighedShelf = z.infer<typeof weighedShelfSchema>;

/** What of this cannot be, beside these devices, in words for whoever has written it; and where. */
export function problemsOf(
  { lanes }: WeighedShelf,
  { devices }: CabinetDevices,
): { readonly path: (string | number)[]; readonly message: string }[] {
  const scales = devices.flatMap((one) => {
    if (one.protocol === 'scale-hid') return [one.lane];
    return one.protocol === 'scale-modbus' ? one.lanes.map(({ lane }) => lane) : [];
  });
  const laneOf = new Map<string, number>();
  return lanes.flatMap(({ lane, goods }, i) => {
    const path = ['lanes', i];
    const count = scales.filter((one) => one === lane).length;
    const ofLane =
      count === 0
        ? [{ path: [...path, 'lane'], message: `no scale in cabinet.devices weighs lane ${lane}` }]
        : count > 1
          ? [{ path: [...path, 'lane'], message: `two scales in cabinet.devices weigh lane ${lane}` }]
          : [];
    const ofGoods = goods.flatMap(({ sku }, j) => {
      const before = laneOf.get(sku);
      laneOf.set(sku, lane);
      if (before === undefined) return [];
      return [{ path: [...path, 'goods', j, 'sku'], message: `${sku} stands in lane ${before} already` }];
    });
    return [...ofLane, ...ofGoods];
  });
}
