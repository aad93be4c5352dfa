import type { Language } from '../../../../shared/i18n/language.ts';
import type { Story, StoryEntry } from '../../../../shared/console/work.schema.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import type { Words } from '../../i18n/shape.ts';

/** Every entry of a story is in words here: what it is, and what is known beside it. */
export function TimeLine({ entries, charge }: { entries: readonly StoryEntry[]; charge: Story['charge'] }) {
  const words = useWords();
  const { money, time } = useFormat();
  const { language } = useSettings();
  return (
    <ol className="relative m-0 flex list-none flex-col gap-4 border-l-2 border-line p-0 pl-5">
      {entries.map((entry, place) => {
        const { what, more } = toldOf(entry, words, charge, language);
        return (
          <li key={place} className="relative flex flex-col gap-0.5">
            <span
              aria-hidden
              className={`absolute top-2 -left-[1.7rem] size-3 rounded-full ${dotOf(entry)}`}
            />
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="text-label font-semibold">{what}</span>
              {entry.amountMinor !== null && (
                <span className="tabular text-label">{money(entry.amountMinor, charge.currency)}</span>
              )}
            </div>
            {more !== '' && <span className="text-small break-words text-ink">{more}</span>}
            <span className="tabular text-fine text-soft">
              <time dateTime={new Date(entry.atMs).toISOString()}>{time(entry.atMs)}</time>
              {entry.actor !== null && ` · ${words.story.by(entry.actor)}`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function dotOf({ type, what }: StoryEntry): string {
  if (type === 'incident' || type === 'alarm' || type === 'difference') return 'bg-cinnabar';
  if (type === 'dispute' || what === 'needs_attention' || what === 'in_doubt') return 'bg-amber-line';
  if (what === 'paid' || what === 'refunded') return 'bg-jade';
  return 'bg-edge';
}

function toldOf(
  entry: StoryEntry,
  { codes }: Words,
  { lines, heldLines }: Story['charge'],
  language: Language,
): { readonly what: string; readonly more: string } {
  const known: Readonly<Record<string, string>> = codes.story[entry.type];
  const what = known[entry.what] ?? known['other'] ?? entry.what;
  switch (entry.type) {
    case 'dispute': {
      const line = [...lines, ...heldLines].find(({ sku }) => sku === entry.what);
      return { what, more: line?.name[language] ?? entry.what };
    }
    case 'act':
    case 'decision':
      return { what: codes.acts[entry.what] ?? what, more: entry.detail };
    case 'charge_event':
      if (forMachines.has(entry.what)) return { what, more: '' };
      return {
        what,
        more: entry.what === 'resolved' ? resolvedText(entry.detail, codes) : worded(entry.detail, codes),
      };
    // Its sum stands beside it.
    case 'incident':
      return { what, more: entry.what === 'refund_due' ? '' : worded(entry.detail, codes) };
    default:
      return { what, more: worded(entry.detail, codes) };
  }
}

/** Their details are for programs: hashes and numbers. */
const forMachines: ReadonlySet<string> = new Set(['received', 'debit_leased', 'disputed']);

/** A decision is on record as JSON: who, what, why. */
function resolvedText(detail: string, codes: Words['codes']): string {
  try {
    const { by, decision, reason } = JSON.parse(detail) as Record<string, unknown>;
    const said = [codes.acts[String(decision)] ?? decision, reason, by];
    return said.filter((part) => typeof part === 'string').join(' · ');
  } catch {
    return detail;
  }
}

/** Of a list of codes ("fake: unanswered, code") each that there is a word for. */
function worded(detail: string, { answers, reasons, incidents }: Words['codes']): string {
  const all: Readonly<Record<string, string>> = { ...incidents, ...reasons, ...answers };
  return detail
    .split(/(, |: )/)
    .map((part) => all[part] ?? part)
    .join('');
}
