import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { WalletFinding } from '../../../shared/api/wallet.schema.ts';
import { walletAuditMs, walletFindingsMax } from '../../limits.ts';
import type { Db } from '../../storage/storage.ts';

/**
 * Proves the wallet's ledger against itself and against the charges, by questions of its own: it shares no code with what
 * writes them. Each question gives what is wrong, as `about` and `detail`.
 */
const questions: Readonly<Record<WalletFinding['kind'], SQL>> = {
  // Stored balances of members beside what entries say of the house's accounts.
  sum_not_zero: sql`
    select currency as about, 'all accounts together hold ' || sum(balance) as detail from (
      select currency, balance_minor as balance from wallet_account where kind = 'member'
      union all
      select a.currency, case when a.account_id = e.credit_account_id then e.amount_minor else -e.amount_minor end
        from wallet_account a join wallet_entry e on a.account_id in (e.credit_account_id, e.debit_account_id)
        where a.kind <> 'member') as held
      group by currency having sum(balance) <> 0`,
  balance_differs: sql`
    select a.account_id::text as about,
        'balance ' || a.balance_minor || ', entries make ' || coalesce(m.made, 0) as detail
      from wallet_account a left join (
        select account_id, sum(amount) as made from (
          select credit_account_id as account_id, amount_minor as amount from wallet_entry
          union all select debit_account_id, -amount_minor from wallet_entry) as moved
        group by account_id) m on m.account_id = a.account_id
      where a.kind = 'member' and a.balance_minor <> coalesce(m.made, 0)`,
  // At any time, in the order in which the entries were made.
  overdrawn: sql`
    select account_id::text as about, 'was at ' || min(running) || ' after an entry' as detail from (
      select account_id, sum(amount) over (partition by account_id order by entry_id) as running from (
        select entry_id, credit_account_id as account_id, amount_minor as amount from wallet_entry
        union all select entry_id, debit_account_id, -amount_minor from wallet_entry) as moved
      join wallet_account using (account_id) where kind = 'member') as went
      where running < 0 group by account_id`,
  other_currency: sql`
    select e.entry_id::text as about, 'an entry in ' || e.currency || ' on an account in ' || a.currency as detail
      from wallet_entry e join wallet_account a on a.account_id in (e.debit_account_id, e.credit_account_id)
      where a.currency <> e.currency`,
  refunded_too_much: sql`
    select r.order_id as about, 'refunds make ' || sum(r.amount_minor) || ' of ' ||
        coalesce(max(d.amount_minor), 0) as detail
      from wallet_entry r
      left join wallet_entry d on d.kind = 'debit' and d.order_id = r.order_id
        and d.currency = r.currency and d.debit_account_id = r.credit_account_id
      where r.kind = 'refund' group by r.order_id
      having sum(r.amount_minor) > coalesce(max(d.amount_minor), 0)`,
  debit_without_charge: sql`
    select e.order_id as about, e.amount_minor || ' ' || e.currency || ' of ' || coalesce(a.member_id, '') as detail
      from wallet_entry e join wallet_account a on a.account_id = e.debit_account_id
      where e.kind = 'debit' and not exists (select 1 from charge c where c.charge_id = e.order_id
        and c.provider = 'wallet' and c.member_id = a.member_id and c.currency = e.currency)`,
  // While a charge is in doubt it is about to be looked at.
  debit_not_booked: sql`
    select e.order_id as about, e.amount_minor || ' was debited, the charge says ' ||
        coalesce(c.debited_minor::text, 'nothing') as detail
      from wallet_entry e join charge c on c.charge_id = e.order_id
      where e.kind = 'debit' and not c.in_doubt and c.debited_minor is distinct from e.amount_minor`,
  charge_without_debit: sql`
    select c.charge_id as about, 'debited by its own word: ' || c.debited_minor as detail
      from charge c where c.provider = 'wallet' and c.debited_minor is not null
        and coalesce(c.resolved_how, '') <> 'debited'
        and not exists (select 1 from wallet_entry e where e.kind = 'debit' and e.order_id = c.charge_id)`,
};

/**
 * What is wrong with the ledger: nothing, if all is well. At most `walletFindingsMax` of a kind; one moment is looked at,
 * whatever is written meanwhile. Rejects as the database does.
 */
export async function auditWallets(db: Db): Promise<WalletFinding[]> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql.raw(`set local statement_timeout = ${walletAuditMs}`));
      const findings: WalletFinding[] = [];
      for (const [kind, question] of Object.entries(questions) as [WalletFinding['kind'], SQL][]) {
        const answer: unknown = await tx.execute(sql`${question} order by 1 limit ${walletFindingsMax}`);
        for (const row of (answer as { rows: Omit<WalletFinding, 'kind'>[] }).rows)
          findings.push({ kind, about: row.about, detail: row.detail });
      }
      return findings;
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}
