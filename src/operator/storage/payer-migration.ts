/** Who has agreed, where the number of the agreement does not say it (providers/sign-up.ts). */
export const payers = {
  version: 63,
  name: 'payers',
  statements: [
    `alter table provider_account add column payer text`,
    `create index provider_account_payer on provider_account (payer) where payer is not null`,
  ],
} as const;
