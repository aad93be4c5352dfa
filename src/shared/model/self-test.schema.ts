import { z } from 'zod';
import { doorNumberSchema } from './lock-spec.ts';
import { laneSchema } from './scale.ts';
import { localTextSchema } from './catalog.schema.ts';
import { heatMapLimits, knownWeightsG, selfTests, testFacts, testFindings, testSteps } from './self-test.ts';

/** Which test; a scale's also says which lane, and what will be laid on it. */
export const testOrderSchema = z
  .object({
    test: z.enum(selfTests),
    lane: laneSchema.optional(),
    grams: z.union(knownWeightsG.map((grams) => z.literal(grams))).optional(),
  })
  .strict();
export type TestOrder = z.infer<typeof testOrderSchema>;

export const testResultSchema = z.object({
  test: z.enum(selfTests),
  atMs: z.number(),
  /** Empty: all is well. */
  findings: z.array(z.enum(testFindings)).max(8),
  facts: z
    .array(z.object({ name: z.enum(testFacts), of: z.number().int().nullable(), value: z.number() }))
    .max(24),
});
export type TestResult = z.infer<typeof testResultSchema>;

const { antennaCount, placeCount, nameCount } = heatMapLimits;
/** How often each antenna has heard the tags of each place, in one stretch of close listening. */
export const heatMapSchema = z.object({
  /** Empty: the reader does not tell its antennas apart, and `reads` is one number. */
  antennas: z.array(z.number().int()).max(antennaCount),
  places: z
    .array(
      z.object({
        slot: z.string().nullable(),
        lane: laneSchema.nullable(),
        /** Of the articles that are to stand there; empty: tags that hang on no article that is known. */
        names: z.array(localTextSchema).max(nameCount),
        tagCount: z.number().int(),
        /** For each antenna. */
        reads: z.array(z.number().int()).min(1).max(antennaCount),
      }),
    )
    .max(placeCount),
});
export type HeatMap = z.infer<typeof heatMapSchema>;

/** The tests as the page draws them. */
export const testsViewSchema = z.object({
  /** Null: none is under way. */
  running: z
    .object({
      test: z.enum(selfTests),
      step: z.enum(testSteps),
      /** Which of several doors it is about. */
      door: doorNumberSchema.optional(),
    })
    .nullable(),
  /** The last of each. A fault stays until the same test has passed. */
  results: z.array(testResultSchema).max(selfTests.length),
  /** Lanes that are weighed. */
  lanes: z.array(laneSchema).max(32),
  /** Of the test of tags, second by second while it listens; null: none was made since the start. */
  heat: heatMapSchema.nullable().default(null),
});
export type TestsView = z.infer<typeof testsViewSchema>;
