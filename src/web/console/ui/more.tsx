import type { Further } from '../base/load.ts';
import { useWords } from '../i18n/words.ts';
import { Button } from './button.tsx';

/** Under a list: the way to the rest of it, or that this is everything. `count`: how many are shown. */
export function More({ count, hasMore, more, isReading }: Further & { count: number }) {
  const words = useWords();
  return (
    <div className="flex items-center gap-3 text-small text-soft">
      {hasMore ? (
        <Button onPress={more} isPending={isReading}>
          {isReading ? words.loading : words.more}
        </Button>
      ) : (
        <p>{words.noMore(count)}</p>
      )}
    </div>
  );
}
