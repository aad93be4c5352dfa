import { reportTextMaxLength } from '../../../../shared/phone/calls.ts';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import type { ReportDraft } from '../../base/draft.ts';
import { reportKinds } from '../../i18n/shape.ts';
import { fill, useSpeech } from '../../i18n/words.ts';

const choice =
  'flex min-h-12 cursor-pointer items-center gap-3 rounded-field border border-edge bg-card px-3 py-2 ' +
  'has-checked:border-amber-line has-checked:bg-amber-soft';
/** Below the send button's words: what kind of fault goes before the shopper's own words. */
const wordsMaxLength = reportTextMaxLength - 40;

/** Which goods, what is wrong with them, and anything that somebody wants to say. */
export function ReportForm({
  purchase,
  draft,
  onChange,
}: {
  purchase: PhonePurchase;
  draft: ReportDraft;
  onChange: (draft: ReportDraft) => void;
}) {
  const { words, text, money } = useSpeech();
  const { report } = words;
  const { skus } = draft;
  return (
    <>
      <fieldset>
        <legend className="text-heading font-bold">{report.linesLegend}</legend>
        <div className="mt-2 space-y-2">
          {purchase.lines.map(({ sku, name, count, amountMinor }) => (
            <label key={sku} className={choice}>
              <input
                type="checkbox"
                className="size-6 shrink-0 accent-jade"
                data-testid={`report-line-${sku}`}
                checked={skus.includes(sku)}
                onChange={({ currentTarget: { checked } }) =>
                  onChange({
                    ...draft,
                    skus: [...skus.filter((one) => one !== sku), ...(checked ? [sku] : [])],
                  })
                }
              />
              <span className="min-w-0 flex-1">
                {text(name)} <span className="whitespace-nowrap text-soft">×{count}</span>
              </span>
              <span className="tabular shrink-0 font-semibold">{money(amountMinor, purchase.currency)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend className="text-heading font-bold">{report.kindLegend}</legend>
        <div className="mt-2 flex flex-wrap gap-2">
          {reportKinds.map((kind) => (
            <label key={kind} className={choice}>
              <input
                type="radio"
                name="kind"
                className="size-6 shrink-0 accent-jade"
                data-testid={`report-kind-${kind}`}
                checked={draft.kind === kind}
                onChange={() => onChange({ ...draft, kind })}
              />
              {report.kinds[kind]}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="block">
        <span className="text-heading font-bold">{report.words}</span>
        <textarea
          rows={3}
          maxLength={wordsMaxLength}
          data-testid="report-words"
          className="mt-2 w-full rounded-field border border-edge bg-card p-3 text-body text-ink"
          value={draft.words}
          onChange={({ currentTarget: { value } }) => onChange({ ...draft, words: value })}
        />
        <span className="block text-small text-soft">
          {fill(report.wordsLeft, { count: wordsMaxLength - draft.words.length })}
        </span>
      </label>
    </>
  );
}
