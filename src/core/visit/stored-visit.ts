import { z } from 'zod';
import { type Result, fail, ok } from '../../shared/result.ts';
import {
  type Visit,
  type VisitContext,
  type VisitStateName,
  visitContextSchema,
  visitStateNames,
} from './visit-model.ts';

/** Version of the form in which a visit is stored. What an older version wrote is brought up to it when it is read. */
export const storedVisitVersion = 2;

export interface StoredVisit extends Visit {
  readonly version: typeof storedVisitVersion;
}

const outerSchema = z.object({
  version: z.literal(storedVisitVersion),
  state: z.enum(visitStateNames),
  context: visitContextSchema,
});

/** The form of a visit that goes into the database. */
export function toStoredVisit(visit: Visit): StoredVisit {
  return { version: storedVisitVersion, state: visit.state, context: visit.context };
}

/** Reads what `toStoredVisit` of this or an earlier version of the program has written. Never throws. */
export function readStoredVisit(
  stored: unknown,
): Result<{ state: VisitStateName; context: VisitContext }, { code: 'visit.unreadable'; message: string }> {
  const parsed = outerSchema.safeParse(
    isRecord(stored) && !('version' in stored) ? fromVersion1(stored) : stored,
  );
  if (!parsed.success) return fail('visit.unreadable', parsed.error.message);
  const { state, context } = parsed.data;
  return ok({ state, context });
}

/** Names of states in version 1 that are others today. */
const stateNamesOfVersion1: Readonly<Record<string, VisitStateName>> = {
  looking: 'identifyingByFace',
  identifying: 'identifyingByCode',
  door_ajar: 'ajar',
  out_of_service: 'outOfService',
  nothing_charged: 'nothingCharged',
  // The end of a visit was two steps.
  settling: 'receipt',
};

/** Version 1 carried no version; it has the same content under other names. */
function fromVersion1(stored: Readonly<Record<string, unknown>>): unknown {
  const { state, context } = stored;
  if (typeof state !== 'string' || !isRecord(context)) return null;
  const { shelf, faceOf, nothingWhy, serviceReason, basket, ...same } = context;
  return {
    version: storedVisitVersion,
    state: stateNamesOfVersion1[state] ?? state,
    context: {
      ...same,
      baseline: shelf,
      recognisedMemberId: faceOf ?? null,
      nothingChargedReason: nothingWhy,
      available: serviceReason === null,
      // What was put in is seen again as soon as the reader answers.
      foreign: [],
      basket: isRecord(basket) ? { ...basket, foreign: [] } : null,
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
