import { Flag } from 'lucide-react';
import type { ToldMoney } from '../../../../shared/model/told-money.ts';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import { isFreeBill, savedMinorOf } from '../../../../shared/model/charge-lines.ts';
import { type Currency, minor } from '../../../../shared/money.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { Card } from '../../ui/card.tsx';
import { type Tone, inkOf } from '../../ui/note.tsx';

type Line = PhonePurchase['lines'][number];

const apart = {
  held: { tone: 'amber', words: 'held', isCharged: false },
  counted: { tone: 'plain', words: 'heldCounted', isCharged: true },
  part: { tone: 'plain', words: 'heldInPart', isCharged: true },
  dropped: { tone: 'jade', words: 'heldDropped', isCharged: false },
} as const satisfies Record<
  NonNullable<ToldMoney['held']>,
  { tone: Tone; words: string; isCharged: boolean }
>;

/** Lines, what somebody has to look at, totals, and all that customer service would ask for. */
export function ReceiptCard({ purchase }: { purchase: PhonePurchase }) {
  const { words, money } = useSpeech();
  const { lines, heldLines, totalMinor, told, currency, disputed } = purchase;
  const { receipt } = words;
  const savedMinor = minor(savedMinorOf(lines));
  const mark = told.isReportOpen ? receipt.disputed : receipt.disputedDone;
  const held = told.held === null ? null : apart[told.held];
  return (
    <Card as="article" labelledBy="receipt-lines">
      <h2 id="receipt-lines" className="text-heading font-bold">
        {receipt.lines}
      </h2>
      {lines.length === 0 ? (
        <p className="py-2 text-soft">{receipt.heldEmpty}</p>
      ) : (
        <ul className="mt-1">
          {lines.map((line) => (
            <ReceiptLine
              key={line.sku}
              line={line}
              currency={currency}
              amount={money(line.amountMinor, currency)}
              mark={disputed.includes(line.sku) ? mark : null}
            />
          ))}
        </ul>
      )}
      {held !== null && heldLines.length > 0 && (
        <section className={held.tone === 'amber' ? 'my-2 rounded-field bg-amber-soft px-3 py-2' : 'my-2'}>
          <h3 className={`font-bold ${inkOf[held.tone]}`}>{receipt[held.words]}</h3>
          <ul>
            {heldLines.map((line) => (
              <ReceiptLine
                key={line.sku}
                line={line}
                currency={currency}
                amount={money(line.amountMinor, currency)}
                isStruck={!held.isCharged}
              />
            ))}
          </ul>
        </section>
      )}
      <p className="mt-2 flex items-baseline justify-between gap-4 border-t-2 border-dotted border-line pt-3">
        <span className="text-heading font-bold">{receipt.total}</span>
        <span data-testid="total" className="tabular text-title font-extrabold">
          {money(totalMinor, currency)}
        </span>
      </p>
      {savedMinor > 0 && (
        <p className="text-right font-semibold text-jade-ink" data-testid="saved">
          {isFreeBill(lines, totalMinor)
            ? receipt.freeCounted
            : fill(receipt.saved, { amount: money(savedMinor, currency) })}
        </p>
      )}
      {told.beside !== null && (
        <p
          className="flex items-baseline justify-between gap-4 font-semibold text-amber-ink"
          data-testid="billed"
        >
          <span>{receipt[told.beside]}</span>
          <span className="tabular">{money(told.amountMinor, currency)}</span>
        </p>
      )}
      <Facts purchase={purchase} />
    </Card>
  );
}

function ReceiptLine({
  line,
  currency,
  amount,
  mark = null,
  isStruck = false,
}: {
  line: Line;
  currency: Currency;
  amount: string;
  mark?: string | null;
  isStruck?: boolean;
}) {
  const { text, money } = useSpeech();
  return (
    <li className="flex items-baseline justify-between gap-4 py-1.5" data-testid={`line-${line.sku}`}>
      <span className="min-w-0">
        {text(line.name)} <span className="whitespace-nowrap text-soft">×{line.count}</span>
        {!isStruck &&
          line.discounts?.map((one) => (
            <span key={one.id} className="block text-small font-semibold text-jade-ink">
              {text(one.name)}{' '}
              <span className="tabular whitespace-nowrap">−{money(one.amountMinor, currency)}</span>
            </span>
          ))}
        {mark !== null && (
          <span className="flex items-center gap-1 text-small font-semibold text-amber-ink">
            <Flag className="size-4 shrink-0" aria-hidden="true" />
            {mark}
          </span>
        )}
      </span>
      {isStruck ? (
        <s className="tabular shrink-0 font-semibold">{amount}</s>
      ) : (
        <span className="tabular shrink-0 font-semibold">{amount}</span>
      )}
    </li>
  );
}

function Facts({ purchase: { ref, atMs, place, cabinetId, means } }: { purchase: PhonePurchase }) {
  const { words, text, time } = useSpeech();
  const facts = [
    [words.receipt.ref, ref],
    [words.receipt.time, time(atMs)],
    ...(place === null ? [] : [[words.receipt.place, text(place)]]),
    [words.purchase.cabinet, cabinetId],
    [words.purchase.payer, words.purchase.self],
    ...(means === undefined ? [] : [[words.purchase.ofMeans, words.receipt.means[means]]]),
  ] as const;
  return (
    <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-t border-line pt-3 text-small">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="tabular min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
