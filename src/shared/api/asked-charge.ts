import { chargeIdSchema } from '../ids.schema.ts';
import type { ChargeId } from '../ids.ts';
import { type AskReason, askReasons } from '../model/service-order.ts';
import { staffNoSchema } from '../model/service.schema.ts';
import type { Alarm } from './operator.ts';

/** What somebody at a cabinet asks the operator about a charge. */
export interface AskedCharge {
  readonly chargeId: ChargeId;
  readonly why: AskReason;
  /** Staff number. */
  readonly by: string;
}
const begin = 'charge_asked:';

/** It goes as an alarm does: kept on the disk until the operator has it, at least once, about money (`alarmShareOf`). */
export function askOfficeAlarm({
  chargeId,
  visitId,
  why,
  by,
  atMs,
}: AskedCharge & { readonly visitId: string; readonly atMs: number }): Alarm {
  return {
    kind: 'device_fault',
    visitId: visitId as Alarm['visitId'],
    atMs,
    detail: `${begin} ${chargeId} ${why} ${by}`,
  };
}

/** Null: it is an alarm of something else, or not as it is sent. */
export function askedIn(detail: string): AskedCharge | null {
  if (!detail.startsWith(begin)) return null;
  // An alarm that waited says at its end how often it was raised.
  const [chargeId, why, by] = detail.slice(begin.length).trim().split(' ');
  const [id, no] = [chargeIdSchema.safeParse(chargeId), staffNoSchema.safeParse(by)];
  const known = askReasons.find((one) => one === why);
  return id.success && no.success && known !== undefined
    ? { chargeId: id.data, why: known, by: no.data }
    : null;
}
