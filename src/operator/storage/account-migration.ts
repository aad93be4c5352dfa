/** Who an account's power comes from, and who has looked at that (staff/confirmation.ts). Those of before count as they did. */
export const accountsConfirmed = {
  version: 60,
  name: 'accounts_confirmed',
  statements: [
    'alter table staff_account add column changed_by text references staff_account',
    'alter table staff_account add column confirmed_by text references staff_account',
    `alter table staff_account add constraint staff_account_by_others
       check (changed_by is distinct from confirmed_by or changed_by is null)`,
  ],
} as const;
