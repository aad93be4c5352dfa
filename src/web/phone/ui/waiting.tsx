import type { ReactNode } from 'react';
import type { FailureKind } from '../base/failure.ts';
import type { Asked } from '../base/use-asked.ts';
import { useSpeech } from '../i18n/words.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';

/** Every wait has words, and says so when it takes longer. */
export function Waiting({ children, isLate = false }: { children?: ReactNode; isLate?: boolean }) {
  const { words } = useSpeech();
  return (
    <div role="status" className="flex items-center gap-3 py-4 text-soft" data-testid="waiting">
      <span
        className="size-5 shrink-0 animate-spin rounded-full border-3 border-line border-t-jade"
        aria-hidden="true"
      />
      <span>
        {children ?? words.loading}
        {isLate && <span className="block">{words.late}</span>}
      </span>
    </div>
  );
}

/** What went wrong, what of it is lost (nothing), and the way on. */
export function Failed({ failure, onAgain }: { failure: FailureKind; onAgain?: (() => void) | undefined }) {
  const { words } = useSpeech();
  return (
    <div role="alert" className="space-y-3" data-testid={`failed-${failure}`}>
      <Note tone="amber">
        <p>{words.failed[failure]}</p>
      </Note>
      {onAgain !== undefined && (
        <Button isWide onPress={onAgain} testId="action-again">
          {words.again}
        </Button>
      )}
    </div>
  );
}

/** What was asked for; while there is no answer the wait, or why there is none; with an old answer both. */
export function WhenHere<T>({
  asked,
  children,
  waiting,
}: {
  asked: Asked<T>;
  children: (value: T) => ReactNode;
  waiting?: ReactNode;
}) {
  const { words } = useSpeech();
  const { value, failure, isLate, again } = asked;
  if (value === null)
    return failure === null ? (
      <Waiting isLate={isLate}>{waiting}</Waiting>
    ) : (
      <Failed failure={failure} onAgain={again} />
    );
  return (
    <>
      {failure !== null && (
        <div role="status" className="space-y-3">
          <Note tone="amber">
            <p>{words.old}</p>
          </Note>
          <Button isWide onPress={again} testId="action-again">
            {words.again}
          </Button>
        </div>
      )}
      {children(value)}
    </>
  );
}
