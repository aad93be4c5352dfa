import type { Currency } from '../../../../shared/money.ts';
import { currencies } from '../../../../shared/money.ts';
import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';

type State = Readonly<Record<string, unknown>>;

function currencyIn(...states: readonly State[]): Currency | null {
  return currencies.find((one) => states.some((state) => state['currency'] === one)) ?? null;
}

/** What is another one afterwards, in a table: what it is called, how it was, how it is. */
export function Changes({ before, after }: { before: State; after: State }) {
  const words = useWords();
  const { money } = useFormat();
  const currency = currencyIn(before, after);
  const shown = (key: string, value: unknown): string => {
    if (value === null || value === undefined || value === '') return '–';
    if (key.endsWith('Minor') && typeof value === 'number') return money(value, currency);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return words.codes.values[text] ?? (words.codes.reasons as Record<string, string>)[text] ?? text;
  };
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  if (changed.length === 0) return <p className="text-label">{words.acts.unchanged}</p>;
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-label">
        <thead>
          <tr className="border-b border-line text-left text-small text-soft">
            <th className="py-2 pr-3 font-semibold">{words.acts.field}</th>
            <th className="py-2 pr-3 font-semibold">{words.acts.before}</th>
            <th className="py-2 font-semibold">{words.acts.after}</th>
          </tr>
        </thead>
        <tbody>
          {changed.map((key) => (
            <tr key={key} className="border-b border-line align-top">
              <th className="py-2 pr-3 text-left font-normal">{words.codes.fields[key] ?? key}</th>
              <td className="tabular py-2 pr-3 text-soft">{shown(key, before[key])}</td>
              <td className="tabular py-2 font-semibold">{shown(key, after[key])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
