import { useFormat } from '../base/format.ts';
import { useAllStale } from '../base/stale.ts';
import { useWords } from '../i18n/words.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';

/** Above the page: that some of it is older than it looks, since when, and why. Nothing where all is as it was told last. */
export function StaleNote() {
  const words = useWords();
  const { time } = useFormat();
  const stale = useAllStale();
  const [oldest] = stale.toSorted((one, other) => one.ofMs - other.ofMs);
  if (oldest === undefined) return null;
  return (
    <Note look="care" alert>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p>
          {words.stale(time(oldest.ofMs))} {words.failed[oldest.failed.code]}
        </p>
        <Button
          onPress={() => {
            for (const { retry } of stale) retry();
          }}
        >
          {words.retry}
        </Button>
      </div>
    </Note>
  );
}
