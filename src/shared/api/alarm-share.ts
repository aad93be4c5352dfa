import type { Alarm } from './operator.ts';

/** How the details of alarms about money begin. */
export const moneyAlarms = ['charge_', 'dispute_'] as const;

/** How the details of alarms about service mode begin: duress, and whoever guesses PINs. */
export const serviceAlarms = ['service_'] as const;

/**
 * Alarms of one kind have four bounds of one size: what is about money, about service mode, about a visit, and the rest, of which a
 * device that comes and goes has most. So no share crowds out another.
 */
export type AlarmShare = 'money' | 'service' | 'visit' | 'rest';

export function alarmShareOf({ visitId, detail }: Pick<Alarm, 'visitId' | 'detail'>): AlarmShare {
  if (moneyAlarms.some((begin) => detail.startsWith(begin))) return 'money';
  if (serviceAlarms.some((begin) => detail.startsWith(begin))) return 'service';
  return visitId === null ? 'rest' : 'visit';
}
