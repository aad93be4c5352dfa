import { z } from 'zod';

/** Lanes, antennas and cameras by number, from 0; articles too. The cabinet has so many. */
export const laneCount = 8;
export const articlesOfLane = 5;
export const articleCount = laneCount * articlesOfLane;
/** Each antenna hears two lanes well, and the next two less. */
export const antennaCount = 4;
export const cameraCount = 2;

const below = (count: number): z.ZodNumber =>
  z
    .number()
    .int()
    .min(0)
    .max(count - 1);
const lane = below(laneCount);
const antenna = below(antennaCount);
const camera = below(cameraCount);
const article = below(articleCount);
const share = z.number().min(0).max(1);
/** In which visits, from 0; in each of these by chance. */
const when = {
  from: z.number().int().min(0).default(0),
  to: z.number().int().min(0).default(Number.MAX_SAFE_INTEGER),
  chance: share.default(1),
};
const fault = <K extends string, T extends z.ZodRawShape>(kind: K, shape: T) =>
  z.strictObject({ kind: z.literal(kind), ...when, ...shape });
const pairOf = (one: z.ZodNumber) =>
  z.tuple([one, one]).refine(([a, b]) => a !== b, { message: 'two different ones' });

/** What the world does and nobody tells the estimator; README.md says what each means. */
const faultSchema = z.discriminatedUnion('kind', [
  fault('lanes-crossed', { lanes: pairOf(lane) }),
  fault('scale-stuck', { lane }),
  fault('scale-drift', { lane, gramsPerMinute: z.number().min(-600).max(600) }),
  fault('scale-gain', { lane, factor: z.number().min(0).max(3) }),
  fault('scale-noise', { lane, factor: z.number().min(0).max(50) }),
  fault('lanes-bridged', { lanes: pairOf(lane), share }),
  fault('antenna-dead', { antenna }),
  fault('antenna-weak', { antenna, factor: share }),
  fault('camera-turned', { camera, by: z.number().int().min(1).max(19) }),
  fault('camera-frozen', { camera }),
  fault('camera-confused', { camera, share }),
  fault('goods-exchanged', { articles: pairOf(article) }),
  fault('tags-exchanged', { articles: pairOf(article), share: share.default(1) }),
  fault('other-batch', { article, factor: z.number().min(0.2).max(5) }),
  fault('hand-shadow', { stays: share.default(0.1) }),
  fault('wet-bottles', { count: z.number().int().min(1).max(25).default(4) }),
  fault('tags-torn', { share }),
  fault('tags-at-the-glass', { share }),
]);
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** One that ends before it begins would never happen, and the table would be that of a cabinet without it. */
const datedFaultSchema = faultSchema.refine(({ from, to }) => from <= to, {
  message: '"to" is before "from"',
  path: ['to'],
});
const faultsFileSchema = z.strictObject({ faults: z.array(datedFaultSchema).max(64) });

export type ReadFaults =
  { readonly ok: true; readonly faults: readonly Fault[] } | { readonly ok: false; readonly problem: string };

/** Reads the text of a faults file. */
export function readFaults(text: string): ReadFaults {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: `not JSON: ${String(error)}` };
  }
  const parsed = faultsFileSchema.safeParse(json);
  if (!parsed.success) return { ok: false, problem: z.prettifyError(parsed.error) };
  return { ok: true, faults: parsed.data.faults };
}
