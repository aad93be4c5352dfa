import { z } from 'zod';
import { doorNumberSchema } from './lock-spec.ts';
import { laneSchema } from './scale.ts';
import { knownWeightsG, selfTests, testFacts, testFindings, testSteps } from './self-test.ts';

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
});
export type TestsView = z.infer<typeof testsViewSchema>;
