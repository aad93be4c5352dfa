/** What somebody who works for the operator is, and so what they may do in the support console. One role each. */
export const staffRoles = ['support', 'finance', 'admin', 'auditor'] as const;
export type StaffRole = (typeof staffRoles)[number];

/**
 * What a route or an act asks for:
 * - `read`: see the queue, charges, visits; `export`: take lists of them away as a file;
 * - `decide`: say what becomes of a charge that waits, lower it, answer a report, close what is listed;
 * - `money`: what moves money or says that it has moved: refunds, paid in another way, wallets, differences of bills;
 * - `member`: let a member in no more, or again; write to them;
 * - `fleet`: cabinets: whose enrolment is opened, what they sell, what they are to run;
 * - `staff`: accounts of the people who work here; `log`: who has done what.
 */
export const consoleRights = [
  'read',
  'export',
  'decide',
  'money',
  'member',
  'fleet',
  'staff',
  'log',
] as const;
export type ConsoleRight = (typeof consoleRights)[number];

/** The one table of who may do what. An auditor sees everything and changes nothing. */
export const rightsOf: Readonly<Record<StaffRole, readonly ConsoleRight[]>> = {
  support: ['read', 'decide', 'member'],
  finance: ['read', 'export', 'decide', 'money'],
  admin: consoleRights,
  auditor: ['read', 'export', 'log'],
};

export function hasRight(role: StaffRole, right: ConsoleRight): boolean {
  return rightsOf[role].includes(right);
}
