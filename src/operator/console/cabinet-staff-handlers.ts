import { ok } from '../../shared/result.ts';
import {
  type CabinetStaffParts,
  givePin,
  issueServiceCode,
  listCabinetStaff,
  removeCabinetStaff,
  setCabinetStaff,
} from '../fleet/cabinet-staff.ts';
import type { ConsoleHandlers } from './handlers.ts';
import { someone } from './staff-handlers.ts';

type CabinetStaffRoutes =
  'cabinetStaff' | 'setCabinetStaff' | 'givePin' | 'removeCabinetStaff' | 'serviceCode';

/** Who opens service mode at cabinets. */
export function cabinetStaffHandlers(parts: CabinetStaffParts): Pick<ConsoleHandlers, CabinetStaffRoutes> {
  return {
    cabinetStaff: async () => ok(await listCabinetStaff(parts.db)),
    setCabinetStaff: ({ who, params, body }) => setCabinetStaff(parts, someone(who), { ...params, ...body }),
    givePin: ({ who, params, body }) => givePin(parts, someone(who), { ...params, ...body }),
    removeCabinetStaff: ({ who, params, body }) =>
      removeCabinetStaff(parts, someone(who), { ...params, ...body }),
    serviceCode: ({ who, params, body }) => issueServiceCode(parts, someone(who), { ...params, ...body }),
  };
}
