import { useState } from 'react';
import type { PromotionList, TriedPromotions } from '../../../../shared/console/promotions.schema.ts';
import { type PaymentMeans, paymentMeans } from '../../../../shared/model/member.ts';
import { msOfField, textOfField } from '../../base/field-time.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Card } from '../../ui/bits.tsx';
import { Choice } from '../../ui/choice.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Whose basket, and when. */
export interface Tried {
  readonly counts: Readonly<Record<string, string>>;
  /** Wall time as text; empty: now. */
  readonly at: string;
  readonly means: PaymentMeans | 'unknown';
}
export const nothingTried: Tried = { counts: {}, at: '', means: 'unknown' };

/** What a shopper would pay for some goods. */
export function TryCard({
  of,
  typed,
  tried,
  onChange,
}: {
  of: PromotionList;
  typed: Tried;
  tried: TriedPromotions | null;
  onChange: (typed: Tried) => void;
}) {
  const words = useWords().promotions;
  const { language } = useSettings();
  const { money } = useFormat();
  const [shown] = useState(of.goods);
  const inCurrency = (amountMinor: number): string => money(amountMinor, of.currency);
  const means = [
    { id: 'unknown' as const, text: words.tryUnknown },
    ...paymentMeans.map((id) => ({ id, text: words.meansOf[id] })),
  ];
  return (
    <Card heading={words.tryHeading}>
      <p className="text-label text-soft">{words.tryLead}</p>
      <div className="flex flex-wrap gap-4">
        <TextField
          label={words.tryAt}
          hint={words.tryAtHint}
          type="datetime-local"
          value={textOfField(typed.at)}
          onChange={(text) => {
            onChange({ ...typed, at: msOfField(text) });
          }}
          className="grow basis-40"
        />
        <Choice
          label={words.tryMeans}
          value={typed.means}
          options={means}
          onChange={(chosen) => {
            onChange({ ...typed, means: chosen });
          }}
          className="grow basis-40"
        />
      </div>
      <ul className="flex max-h-72 flex-col overflow-auto rounded-field border border-line px-3">
        {shown.map(({ sku, name, priceMinor }) => (
          <li
            key={sku}
            className="flex items-center gap-2 border-b border-line py-1 text-label last:border-0"
          >
            <span className="min-w-0 grow break-words">
              {name[language]} <span className="tabular text-soft">{inCurrency(priceMinor)}</span>
            </span>
            <input
              aria-label={name[language]}
              inputMode="numeric"
              className="tabular h-11 w-16 rounded-field border border-edge bg-card px-2 text-center"
              value={typed.counts[sku] ?? ''}
              onChange={({ target }) => {
                if (/^\d{0,3}$/.test(target.value))
                  onChange({ ...typed, counts: { ...typed.counts, [sku]: target.value } });
              }}
            />
          </li>
        ))}
      </ul>
      {tried === null || tried.lines.length === 0 ? (
        <p className="text-label text-soft">{words.tryNothing}</p>
      ) : (
        <div aria-live="polite" className="flex flex-col gap-1">
          {tried.lines.map(({ sku, name, count, grossMinor, amountMinor, discounts }) => (
            <p key={sku} className="flex flex-wrap justify-between gap-x-3 text-label">
              <span className="min-w-0">
                {name[language]} × {count}
                {discounts.map((one) => (
                  <span key={one.id} className="text-soft">
                    {' · '}
                    {one.name[language]}{' '}
                    <span className="whitespace-nowrap">−{inCurrency(one.amountMinor)}</span>
                  </span>
                ))}
              </span>
              <span className="tabular">
                {grossMinor !== amountMinor && <s className="mr-2 text-soft">{inCurrency(grossMinor)}</s>}
                {inCurrency(amountMinor)}
              </span>
            </p>
          ))}
          <p className="text-right font-semibold">
            {words.trySum(inCurrency(tried.grossMinor), inCurrency(tried.totalMinor))}
          </p>
        </div>
      )}
    </Card>
  );
}
