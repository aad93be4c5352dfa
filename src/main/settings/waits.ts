import { type VisitLimits, visitLimits } from '../../core/visit/limits.ts';

export const waitNames = ['identifySeconds', 'openDoorSeconds', 'ajarSeconds', 'receiptSeconds'] as const;
type Waits = Readonly<Record<(typeof waitNames)[number], number | null>>;

const limitOf = {
  identifySeconds: 'identifyTimeoutMs',
  openDoorSeconds: 'openDoorTimeoutMs',
  ajarSeconds: 'ajarAfterMs',
  receiptSeconds: 'receiptMs',
} as const satisfies Record<(typeof waitNames)[number], keyof VisitLimits>;

/** Each wait in seconds, as it is now. */
export function waitsOf(waits: Waits): Record<(typeof waitNames)[number], number> {
  const seconds = (name: (typeof waitNames)[number]): number =>
    waits[name] ?? visitLimits[limitOf[name]] / 1000;
  return {
    identifySeconds: seconds('identifySeconds'),
    openDoorSeconds: seconds('openDoorSeconds'),
    ajarSeconds: seconds('ajarSeconds'),
    receiptSeconds: seconds('receiptSeconds'),
  };
}

/** The waits of a visit where some were set. */
export function limitsWith(limits: VisitLimits, waits: Waits): VisitLimits {
  const set = waitNames.flatMap((name) => {
    const seconds = waits[name];
    return seconds === null ? [] : [[limitOf[name], seconds * 1000] as const];
  });
  return { ...limits, ...Object.fromEntries(set) };
}
