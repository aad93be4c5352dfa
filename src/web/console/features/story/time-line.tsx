import type { Story, StoryEntry } from '../../../../shared/console/work.schema.ts';
import type { Currency } from '../../../../shared/money.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { shownOf, toldOf } from './told.ts';

/** Every entry of a story is in words here: what it is, and what is known beside it. */
export function TimeLine({
  entries,
  charge,
}: {
  entries: readonly StoryEntry[];
  charge: Pick<Story['charge'], 'lines' | 'heldLines'> & { readonly currency: Currency | null };
}) {
  const words = useWords();
  const { money, time } = useFormat();
  const { language } = useSettings();
  return (
    <ol className="relative m-0 flex list-none flex-col gap-4 border-l-2 border-line p-0 pl-5">
      {shownOf(entries).map((entry, place) => {
        const { what, more, amountMinor, jpeg } = toldOf(entry, words, charge, language);
        return (
          <li key={place} className="relative flex flex-col gap-0.5">
            <span
              aria-hidden
              className={`absolute top-2 -left-[1.7rem] size-3 rounded-full ${dotOf(entry)}`}
            />
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="text-label font-semibold">{what}</span>
              {amountMinor !== null && (
                <span className="tabular text-label">{money(amountMinor, charge.currency)}</span>
              )}
            </div>
            {more !== '' && (
              <span className="text-small break-words whitespace-pre-line text-ink">{more}</span>
            )}
            {jpeg !== undefined && (
              <img className="max-w-full rounded-card" src={`data:image/jpeg;base64,${jpeg}`} alt={what} />
            )}
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
