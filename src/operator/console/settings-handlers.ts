import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { orderSettings, readCabinetSettings } from '../fleet/cabinet-settings.ts';
import type { StaffKeys } from '../staff/seal.ts';
import type { Db } from '../storage/storage.ts';
import type { ConsoleHandlers } from './handlers.ts';
import { someone } from './staff-handlers.ts';

/** The settings of cabinets, as they are and as they are to be. */
export function settingsHandlers(parts: {
  readonly db: Db;
  readonly clock: Clock;
  readonly keys: StaffKeys;
}): Pick<ConsoleHandlers, 'cabinetSettings' | 'orderSettings'> {
  const { db, clock } = parts;
  return {
    cabinetSettings: async ({ params: { cabinetId } }) => ok(await readCabinetSettings(db, clock, cabinetId)),
    orderSettings: ({ who, params, body }) => orderSettings(parts, someone(who), { ...params, ...body }),
  };
}
