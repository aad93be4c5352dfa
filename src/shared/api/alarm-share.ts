import type { Alarm } from './operator.ts';

/** How the details of alarms about money begin. */
export const moneyAlarms = ['charge_', 'dispute_'] as const;

/**
 * Alarms of one kind have three bounds of one size: what is about money, what is about a visit, and the rest, of which a
 * device that comes and goes has most. So no share crowds out another.
 */
export type AlarmShare = 'money' | 'visit' | 'rest';

export function alarmShareOf({ visitId, detail }: Pick<Alarm, 'visitId' | 'detail'>): AlarmShare {
  if (moneyAlarms.some((begin) => detail.startsWith(begin))) return 'money';
  return visitId === null ? 'rest' : 'visit';
}
