import type { Updates } from '../../../../shared/console/updates.schema.ts';
import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';
import { Card } from '../../ui/bits.tsx';
import { Note } from '../../ui/note.tsx';

/** Of how much use devices are with the version that is wanted, beside before; and that it was paused for that. */
export function UsefulnessCard({ of: { order, usefulness } }: { of: Updates }) {
  const words = useWords().updates;
  const { time } = useFormat();
  const stopped = order?.stopped;
  const kindOf = (kind: string): string => words.kind[kind] ?? kind;
  return (
    <Card heading={words.usefulness}>
      <p className="text-label text-soft">{words.usefulnessLead}</p>
      {stopped !== undefined && stopped.release === order?.release && (
        <Note look={order.isPaused ? 'bad' : 'care'}>
          {words.stopped(kindOf(stopped.kind), stopped.worse, stopped.judged, time(stopped.atMs))}{' '}
          {order.isPaused ? words.stoppedHow : words.stoppedOver}
        </Note>
      )}
      {usefulness.length === 0 ? (
        <p className="text-label text-soft">{words.nobodyJudged}</p>
      ) : (
        <ul className="text-label">
          {usefulness.map(({ kind, judged, worse, cabinets }) => (
            <li key={kind} className="border-b border-line py-2 last:border-0">
              <span className="flex justify-between gap-4">
                <span className="font-semibold">{kindOf(kind)}</span>
                <span className={`tabular ${worse > 0 ? 'text-cinnabar-ink' : ''}`}>
                  {words.worseOf(worse, judged)}
                </span>
              </span>
              {cabinets.length > 0 && (
                <span className="block text-small break-words text-soft">{cabinets.join(', ')}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
