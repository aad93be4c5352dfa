import { z } from 'zod';

/** Scales of a cabinet: how they are configured, and what they say. Weights are whole milligrams everywhere. */

/** A shelf or compartment that is weighed by itself. */
export const laneSchema = z.number().int().min(1).max(99);

const registerSchema = z.number().int().min(0).max(0xffff);
const bitSchema = z.number().int().min(0).max(15);
const readFunctionSchema = z.union([z.literal(3), z.literal(4)]);
const wordsSchema = z.union([z.literal(1), z.literal(2)]);

/** One write that makes the transmitter zero or tare itself, at once. */
const commandSchema = z.object({
  /** Modbus function: 6 writes one register, 16 several. */
  function: z.union([z.literal(6), z.literal(16)]),
  register: registerSchema,
  words: wordsSchema,
  value: z.number().int().min(0).max(0xffff_ffff),
});
export type ScaleRegisterWrite = z.infer<typeof commandSchema>;

/** Where a maker's transmitter keeps what. There is no standard: from its manual. */
export const scaleRegisterMapSchema = z
  .object({
    weight: z.object({
      function: readFunctionSchema,
      register: registerSchema,
      words: wordsSchema,
      signed: z.boolean(),
      /** What one count weighs; a transmitter that was calibrated in grams counts 1000. */
      milligramsPerCount: z.number().int().min(1).max(1_000_000),
    }),
    /** Of numbers with two words, read and written. */
    wordOrder: z.enum(['high-first', 'low-first']),
    /** One register of flags; null: the transmitter has none, and a weight counts as stable when it has not changed. */
    status: z
      .object({
        function: readFunctionSchema,
        register: registerSchema,
        stable: z.object({ bit: bitSchema, is: z.union([z.literal(0), z.literal(1)]) }),
        /** Any of these bits set: more on it than it can weigh. */
        overLimitBits: z.array(bitSchema).max(16),
      })
      .nullable(),
    zero: commandSchema.nullable(),
    tare: commandSchema.nullable(),
  })
  .refine(
    (map) => [map.zero, map.tare].every((one) => one === null || one.words === 2 || one.value <= 0xffff),
    {
      message: 'a value of one word has 16 bits',
    },
  )
  .refine((map) => [map.zero, map.tare].every((one) => one?.function !== 6 || one.words === 1), {
    message: 'function 6 writes one word',
  });
export type ScaleRegisterMap = z.infer<typeof scaleRegisterMapSchema>;

/**
 * The load-cell transmitters whose manual is public (github aje/scale-docs: status.md, calibration.md): net weight in 82-83,
 * so that a tare shows; flags in 8 (5 unstable, 6 overflow, 9 overload); zero calibration 38, automatic tare 84.
 */
export const scaleRegisterMapDefault: ScaleRegisterMap = {
  weight: { function: 3, register: 82, words: 2, signed: true, milligramsPerCount: 1000 },
  wordOrder: 'high-first',
  status: { function: 3, register: 8, stable: { bit: 5, is: 0 }, overLimitBits: [6, 9] },
  zero: { function: 16, register: 38, words: 2, value: 0 },
  tare: { function: 16, register: 84, words: 2, value: 0x7fff_ffff },
};

/**
 * What a lane can bear, in milligrams: a number beyond is no weight, but a sign or a unit that was read wrongly, or a cell
 * that is at its end. Negative after a tare, when the packaging is taken away.
 */
const weightBoundsSchema = z
  .object({
    minMilligrams: z.number().int().min(-1_000_000_000).max(0),
    maxMilligrams: z.number().int().min(1).max(1_000_000_000),
  })
  .optional();
export type WeightBounds = NonNullable<z.infer<typeof weightBoundsSchema>>;
/** -20 kg (after a tare) to 60 kg: more than lies on any shelf of a cabinet, less than 16 bits of grams can say. */
export const weightBoundsDefault: WeightBounds = {
  minMilligrams: -20_000_000,
  maxMilligrams: 60_000_000,
};

/** Transmitters on one bus. */
const laneMax = 32;

export const scaleHidShape = {
  protocol: z.literal('scale-hid'),
  lane: laneSchema,
  bounds: weightBoundsSchema,
};
export const scaleModbusShape = {
  protocol: z.literal('scale-modbus'),
  lanes: z
    .array(
      z.object({
        lane: laneSchema,
        unitAddress: z.number().int().min(1).max(247),
        bounds: weightBoundsSchema,
      }),
    )
    .min(1)
    .max(laneMax)
    .refine((all) => new Set(all.map((one) => one.lane)).size === all.length, { message: 'a lane twice' })
    .refine((all) => new Set(all.map((one) => one.unitAddress)).size === all.length, {
      message: 'a unit address twice',
    }),
  registers: scaleRegisterMapSchema.default(scaleRegisterMapDefault),
};

/**
 * `ok`: `milligrams` is the weight, negative after a tare; `under_zero`: less than nothing lies on it (`milligrams` as far as
 * the scale tells); all others: there is no weight, `milligrams` is null. `unknown`: nothing received from it.
 */
export const weightStateSchema = z.enum([
  'ok',
  'under_zero',
  'over_limit',
  'needs_zeroing',
  'needs_calibration',
  'fault',
  'unknown',
]);
export type WeightState = z.infer<typeof weightStateSchema>;

export const weightReadingSchema = z.object({
  lane: laneSchema,
  milligrams: z.number().int().nullable(),
  /** At rest: the figure may be used. */
  stable: z.boolean(),
  state: weightStateSchema,
  /** When it was read; the host's monotonic scale. */
  atMs: z.number(),
});
export type WeightReading = z.infer<typeof weightReadingSchema>;
