import type { Updates } from '../../../../shared/console/updates.schema.ts';
import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';
import { Card } from '../../ui/bits.tsx';

/** Cabinets at which a version failed, with why, the latest first. */
export function FailuresCard({ failures }: { failures: Updates['failures'] }) {
  const words = useWords().updates;
  const { time } = useFormat();
  /** `word: word: more`, as a cabinet says it: the words in the language of the page. */
  const whyOf = (detail: string): string =>
    detail
      .split(': ')
      .map((part) => words.why[part] ?? part)
      .join(': ');
  return (
    <Card heading={words.failures}>
      {failures.length === 0 ? (
        <p className="text-label text-soft">{words.noFailures}</p>
      ) : (
        <ul className="flex max-h-96 flex-col gap-3 overflow-auto text-label" tabIndex={0}>
          {failures.map(({ cabinetId, wanted, count, detail, atMs }) => (
            <li key={cabinetId} className="flex flex-col">
              <span className="font-semibold break-all">
                {words.failedAt(cabinetId, wanted ?? '–', count)}
              </span>
              <span className="text-small wrap-anywhere text-soft">
                {time(atMs)} · {whyOf(detail)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
