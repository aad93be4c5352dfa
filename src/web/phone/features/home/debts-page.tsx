import { useEffect } from 'react';
import { useClient, useSession } from '../../base/context.ts';
import { useAsked } from '../../base/use-asked.ts';
import { useSpeech } from '../../i18n/words.ts';
import { Card } from '../../ui/card.tsx';
import { Note } from '../../ui/note.tsx';
import { Page } from '../../ui/page.tsx';
import { WhenHere } from '../../ui/waiting.tsx';
import { PayNow } from '../purchase/purchase-page.tsx';
import { StatusNote, WhatIsNext } from '../purchase/status.tsx';
import { debtsOf } from './standing.ts';

const debtsPollMs = 2_000;

/** Everything that is owed, each with its own way to pay it. */
export function DebtsPage() {
  const { words, text, money, time } = useSpeech();
  const client = useClient();
  const { refused } = useSession();
  const asked = useAsked(() => client.ask('purchases', undefined), debtsPollMs);
  const count = asked.value === null ? null : debtsOf(asked.value.purchases).length;
  useEffect(() => {
    // What is paid may have opened the door.
    void client.look();
  }, [count, client]);
  return (
    <Page title={words.debts.title} lead={words.debts.lead} back={{ at: 'home' }} screen="debts">
      <WhenHere asked={asked}>
        {({ purchases }) => {
          const debts = debtsOf(purchases);
          return (
            <div aria-live="polite" className="space-y-4">
              {debts.length === 0 && (
                <Note tone="jade" title={words.debts.none} testId="no-debts">
                  {refused === null && <p>{words.debts.noneLead}</p>}
                </Note>
              )}
              {debts.map((debt) => (
                <Card key={debt.chargeId} as="article">
                  <h2 className="tabular text-title font-extrabold">
                    {money(debt.told.amountMinor, debt.currency)}
                  </h2>
                  <p className="mb-3 text-small text-soft">
                    {debt.lines.map(({ name }) => text(name)).join(' · ')}
                    <br />
                    {time(debt.atMs)}
                  </p>
                  <div className="space-y-3">
                    <StatusNote purchase={debt} />
                    <WhatIsNext purchase={debt} />
                    <PayNow purchase={debt} />
                  </div>
                </Card>
              ))}
            </div>
          );
        }}
      </WhenHere>
    </Page>
  );
}
