import type { Sums } from '../../../shared/console/work.schema.ts';
import { useFormat } from '../base/format.ts';
import { useWords } from '../i18n/words.ts';

/** How many a list has, and what they come to; from `countMax` on neither is known. */
export function Totals({ count, sums, countMax }: { count: number; sums: Sums; countMax: number }) {
  const words = useWords().totals;
  const { money } = useFormat();
  const sum = sums.map(({ currency, amountMinor }) => money(amountMinor, currency)).join(' + ');
  return (
    <p aria-live="polite" className="tabular text-label text-soft">
      {count >= countMax
        ? words.more(String(countMax))
        : sum === ''
          ? words.count(String(count))
          : words.sum(String(count), sum)}
    </p>
  );
}
