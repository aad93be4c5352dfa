import { ChevronRight, MessageSquareText, QrCode, ScanFace } from 'lucide-react';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import { Link } from '../../base/address.tsx';
import { useClient, useSession } from '../../base/context.ts';
import { useAsked } from '../../base/use-asked.ts';
import { fill, ofReason, saidHere, useSpeech } from '../../i18n/words.ts';
import { lookOf } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Service } from '../../ui/service.tsx';
import { Page } from '../../ui/page.tsx';
import { WhenHere } from '../../ui/waiting.tsx';
import { PurchaseRow } from './purchase-row.tsx';
import { debtsOf, sumsOf } from './standing.ts';

/** While something is not done, how it stands is asked often; else now and then. */
const undonePollMs = 5_000;

/** How I stand, the code that opens the door, and what I have bought. */
export function HomePage() {
  const { words } = useSpeech();
  const session = useSession();
  const client = useClient();
  const asked = useAsked(async () => {
    // Both stand on this screen, and may not deny each other.
    const [purchases] = await Promise.all([client.ask('purchases', undefined), client.look()]);
    return purchases;
  }, undonePollMs);
  return (
    <Page title={fill(words.home.title, { name: session.display })} screen="home">
      <div aria-live="polite">
        <Standing purchases={asked.value?.purchases ?? null} />
      </div>
      {session.unread > 0 && (
        <Note tone="plain" icon={MessageSquareText} testId="home-messages">
          <p>
            {session.unread === 1
              ? words.home.newMessage
              : fill(words.home.newMessages, { count: session.unread })}
          </p>
          <Link to={{ at: 'messages' }} className={`${lookOf('plain', true)} mt-3`} testId="action-messages">
            {words.home.readMessages}
          </Link>
        </Note>
      )}
      <Link
        to={{ at: 'code' }}
        testId="action-code"
        className="flex items-center gap-4 rounded-card bg-jade p-4 text-on-jade shadow-card active:bg-jade-press"
      >
        <QrCode className="size-12 shrink-0" aria-hidden="true" />
        <span className="min-w-0 flex-1">
          <span className="block text-heading font-bold">{words.home.code}</span>
          {session.refused === null && <span className="block">{words.home.codeLead}</span>}
        </span>
        <ChevronRight className="size-6 shrink-0" aria-hidden="true" />
      </Link>
      <section aria-labelledby="purchases" className="space-y-2">
        <h2 id="purchases" className="text-heading font-bold">
          {words.home.purchases}
        </h2>
        <WhenHere asked={asked}>{({ purchases }) => <Purchases purchases={purchases} />}</WhenHere>
      </section>
      <Link to={{ at: 'face' }} className={lookOf('plain', true)} testId="action-face">
        <ScanFace className="size-5" aria-hidden="true" />
        {words.home.face}
      </Link>
      {session.unread === 0 && (
        <Link to={{ at: 'messages' }} className={lookOf('plain', true)} testId="action-messages">
          <MessageSquareText className="size-5" aria-hidden="true" />
          {words.messages.title}
        </Link>
      )}
    </Page>
  );
}

function Purchases({ purchases }: { purchases: readonly PhonePurchase[] }) {
  const { words } = useSpeech();
  if (purchases.length === 0) return <p className="py-2 text-soft">{words.purchase.nothingYet}</p>;
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-card bg-card shadow-card">
      {purchases.map((purchase) => (
        <PurchaseRow key={purchase.chargeId} purchase={purchase} />
      ))}
    </ul>
  );
}

/** Fine; owes so much; or no door opens, and why. What is not known yet is not said. */
export function Standing({ purchases }: { purchases: readonly PhonePurchase[] | null }) {
  const { words, money } = useSpeech();
  const { refused } = useSession();
  const debts = purchases === null ? [] : debtsOf(purchases);
  if (debts.length > 0) {
    const [first] = debts;
    const amount = sumsOf(debts)
      .map((sum) => money(sum.amountMinor, sum.currency))
      .join(' + ');
    const isWhy = refused === 'account.unpaid_charges';
    const lead = [
      debts.length > 1 ? fill(words.home.owesMany, { count: debts.length }) : '',
      isWhy ? words.home.thenOpens : refused === null ? '' : remedyOf(words, refused),
    ].join(' ');
    return (
      <Note tone="cinnabar" testId="standing-owes" title={fill(words.home.owesTitle, { amount })}>
        <p>{lead.trim()}</p>
        <Link
          to={
            debts.length === 1 && first !== undefined
              ? { at: 'purchase', chargeId: first.chargeId }
              : { at: 'debts' }
          }
          className={`${lookOf('primary', true)} mt-3`}
          testId="action-pay-debts"
        >
          {words.home.seeDebts}
        </Link>
      </Note>
    );
  }
  if (refused !== null)
    return (
      <Note tone="amber" testId="standing-refused" title={ofReason(words.refused, refused).title}>
        <p>{remedyOf(words, refused)}</p>
        <Service />
      </Note>
    );
  if (purchases === null) return null;
  return (
    <Note tone="jade" testId="standing-fine" title={words.home.fineTitle}>
      <p>{words.home.fineLead}</p>
    </Note>
  );
}

function remedyOf(
  words: ReturnType<typeof useSpeech>['words'],
  refused: NonNullable<ReturnType<typeof useSession>['refused']>,
): string {
  const here = refused.startsWith('account.') ? saidHere(words.remedyHere, refused) : undefined;
  return here ?? ofReason(words.refused, refused).remedy;
}
