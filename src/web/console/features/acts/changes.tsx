import type { Currency } from '../../../../shared/money.ts';
import { currencies } from '../../../../shared/money.ts';
import { type Format, useFormat } from '../../base/format.ts';
import type { Words } from '../../i18n/shape.ts';
import { useWords } from '../../i18n/words.ts';

type State = Readonly<Record<string, unknown>>;

function currencyIn(...states: readonly State[]): Currency | null {
  return currencies.find((one) => states.some((state) => state['currency'] === one)) ?? null;
}

/** A value of the log or a preview as people read it; what holds several (a decision, a message) each after the other. */
function textOf(
  key: string,
  value: unknown,
  of: { readonly words: Words; readonly format: Format; readonly currency: Currency | null },
): string {
  const { words, format, currency } = of;
  if (value === null || value === undefined || value === '') return '–';
  if (key.endsWith('Minor') && typeof value === 'number') return format.money(value, currency);
  if (key.endsWith('Ms') && typeof value === 'number') return format.time(value);
  if (Array.isArray(value))
    return value.length === 0 ? '–' : value.map((one) => textOf(key, one, of)).join('; ');
  if (typeof value === 'object')
    return Object.entries(value as State)
      .filter(([, one]) => one !== null && one !== '')
      .map(([name, one]) => `${words.codes.fields[name] ?? name}: ${textOf(name, one, of)}`)
      .join(', ');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const templates: Readonly<Record<string, string>> = words.acts.templates;
  const known: Readonly<Record<string, string>> = key === 'decision' ? words.codes.acts : words.codes.values;
  const { reasons, incidents, providers } = words.codes;
  const more: Readonly<Record<string, string>> = { ...templates, ...incidents, ...providers, ...reasons };
  return known[text] ?? more[text] ?? text;
}

/** Of what has come to be: no sum of nothing, and no currency, which stands in each sum. */
const says = (key: string, value: unknown): boolean => value !== 0 && value !== null && key !== 'currency';

/** What a catalogue would change: said as such, for it is in no state of before or after. */
const wouldChange = ['added', 'gone', 'newPrices', 'otherwise', 'otherTags'];
/** What it is, not how it stands. */
const names = ['wanted', 'chargeId'];
const isTold = (key: string): boolean => !names.includes(key) && !wouldChange.includes(key);

/** What is another one afterwards, in a table: what it is called, how it was, how it is. */
export function Changes({ before, after }: { before: State; after: State }) {
  const words = useWords();
  const format = useFormat();
  const of = { words, format, currency: currencyIn(before, after) };
  // Where something has come to be that was not there, nothing of it was another one before.
  const isNew = before['arrived'] === false && after['arrived'] === undefined;
  const keys = isNew
    ? Object.keys(after).filter((key) => says(key, after[key]))
    : [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = keys.filter(
    (key) => isTold(key) && JSON.stringify(before[key] ?? null) !== JSON.stringify(after[key] ?? null),
  );
  if (changed.length === 0) return <p className="text-label">{words.acts.unchanged}</p>;
  const listed = wouldChange.filter((key) => Array.isArray(before[key]) && before[key].length > 0);
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
              <th className="min-w-20 py-2 pr-3 text-left font-normal">{words.codes.fields[key] ?? key}</th>
              <td className="tabular min-w-24 py-2 pr-3 wrap-anywhere text-soft">
                {textOf(key, before[key], of)}
              </td>
              <td className="tabular min-w-24 py-2 font-semibold wrap-anywhere">
                {textOf(key, after[key], of)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {listed.length > 0 && (
        <ul className="mt-3 flex list-disc flex-col gap-1 pl-5 text-label">
          {listed.map((key) => (
            <li key={key} className="wrap-anywhere">
              {words.codes.fields[key] ?? key}: {textOf(key, before[key], of)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
