import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { newChargeId } from '../../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../../testkit/operator/debit-request.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import { fundWallet, ledgerFindings, walletBalance, walletOf } from '../../../testkit/operator/wallet.ts';
import { auditWallets } from './audit.ts';

const memberId = 'M1001';

onStorage('the ledger of the wallet', (harness) => {
  const run = (statement: string) => harness().db.execute(sql.raw(statement));
  /** With everything off that the schema holds it by: what somebody does who may do anything. */
  const harm = (statement: string) =>
    harness().db.transaction(async (tx) => {
      await tx.execute(sql.raw(`set local session_replication_role = 'replica'`));
      await tx.execute(sql.raw(statement));
    });
  const entry = (
    debit: string,
    credit: string,
    more: { kind?: string; amount?: number; currency?: string },
  ) => {
    const { kind = 'adjustment', amount = 1, currency = 'CNY' } = more;
    const order = kind === 'debit' || kind === 'refund' ? `'O1'` : 'null';
    const account = (name: string) => {
      const [which = '', inCurrency = 'CNY'] = name.split(' ');
      const is = which.startsWith('M') ? `member_id = '${which}'` : `kind = '${which}'`;
      return `(select account_id from wallet_account where ${is} and currency = '${inCurrency}')`;
    };
    return `insert into wallet_entry (kind, idempotency_key, debit_account_id, credit_account_id, currency,
      amount_minor, order_id, actor, reason, at_ms) values ('${kind}', 'K1', ${account(debit)}, ${account(credit)},
      '${currency}', ${amount}, ${order}, 'x', 'x', 1)`;
  };
  /** Two members with 2.50 each, one order paid by the first, and an account in another currency. */
  const prepare = async () => {
    await fundWallet(harness(), memberId, 250);
    await fundWallet(harness(), 'M1002', 250);
    const order = debitRequest({ orderId: newChargeId(1), memberId });
    const wallet = walletOf(harness());
    await wallet.debit(order);
    await run(`insert into wallet_account (kind, currency, opened_at_ms) values ('top_ups', 'USD', 1),
      ('adjustments', 'CNY', 1)`);
    return order;
  };

  it.each([
    ['more than there is', entry('M1001', 'adjustments', { amount: 151 }), '23514'],
    ['nothing', entry('adjustments', 'M1001', { amount: 0 }), '23514'],
    ['less than nothing', entry('adjustments', 'M1001', { amount: -1 }), '23514'],
    ['from one member to another', entry('M1001', 'M1002', {}), '23514'],
    ['goods from the house', entry('revenue', 'M1001', { kind: 'debit' }), '23514'],
    ['a top-up out of a wallet', entry('M1001', 'top_ups', { kind: 'top_up' }), '23514'],
    ['to itself', entry('M1001', 'M1001', {}), '23514'],
    ['into another currency', entry('top_ups USD', 'M1001', { kind: 'top_up' }), '23503'],
    ['in a currency of neither', entry('top_ups', 'M1001', { kind: 'top_up', currency: 'USD' }), '23503'],
  ])('moves nothing %s', async (_name, statement, code) => {
    await prepare();
    await expect(run(statement)).rejects.toMatchObject({ cause: { code } });
    expect(await walletBalance(harness().db, memberId)).toBe(150);
    expect(await ledgerFindings(harness().db)).toEqual([]);
  });

  it.each([
    ['an entry is changed', 'update wallet_entry set amount_minor = 1'],
    ['an entry is deleted', 'delete from wallet_entry'],
    ['all entries are', 'truncate wallet_entry'],
    ['a balance is written', 'update wallet_account set balance_minor = 1000000'],
    ['an account changes hands', `update wallet_account set member_id = 'M9' where member_id = 'M1001'`],
    ['an account is deleted', 'delete from wallet_account'],
    [
      'an account begins with money',
      `insert into wallet_account (kind, member_id, currency, balance_minor, opened_at_ms)
        values ('member', 'M9', 'CNY', 5, 1)`,
    ],
    [
      'a member has two in one currency',
      `insert into wallet_account (kind, member_id, currency, balance_minor, opened_at_ms)
        values ('member', 'M1001', 'CNY', 0, 1)`,
    ],
  ])('does not take it when %s', async (_name, statement) => {
    await prepare();
    await expect(run(statement)).rejects.toThrow();
    expect(await walletBalance(harness().db, memberId)).toBe(150);
  });

  it('has nothing wrong but that nobody has sent a charge for the order', async () => {
    const { orderId } = await prepare();
    expect(await auditWallets(harness().db)).toEqual([
      { kind: 'debit_without_charge', about: orderId, detail: '100 CNY of M1001' },
    ]);
  });

  it.each([
    [
      'a balance',
      `update wallet_account set balance_minor = 151 where member_id = 'M1001'`,
      ['sum_not_zero', 'balance_differs'],
    ],
    [
      'an entry',
      `update wallet_entry set amount_minor = 101 where kind = 'debit'`,
      ['balance_differs', 'sum_not_zero'],
    ],
    [
      'the entry before a debit',
      `update wallet_entry set entry_id = 1000 where reason = 'top-up R-M1001'`,
      ['overdrawn'],
    ],
    [
      'a currency',
      `update wallet_entry set currency = 'USD' where reason = 'top-up R-M1002'`,
      ['other_currency', 'other_currency'],
    ],
    [
      'a refund of nothing',
      entry('revenue', 'M1002', { kind: 'refund' }),
      ['balance_differs', 'refunded_too_much', 'sum_not_zero'],
    ],
  ])('that was harmed is found: %s', async (_name, statement, kinds) => {
    await prepare();
    await harm(statement);
    const found = (await ledgerFindings(harness().db)).map(({ kind }) => kind);
    expect(found.sort()).toEqual([...kinds].sort());
  });
});
