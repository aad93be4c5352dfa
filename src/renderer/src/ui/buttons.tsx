import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Countdown } from '../../../shared/model/visit.schema.ts';
import { CountdownRing } from './countdown-ring.tsx';

interface ButtonProps {
  readonly testId: string;
  readonly onPress: () => void;
  readonly children: ReactNode;
  readonly disabled?: boolean;
  /** After this the screen goes on without a touch; drawn as a ring behind the words. */
  readonly countdown?: Countdown | undefined;
}
interface ActionButtonProps extends ButtonProps {
  /** What it acts on: with another version it is another button to the touch guard. */
  readonly version?: number;
  readonly kind?: 'primary' | 'secondary';
  readonly describedBy?: string;
  /** Colour of the ring on a secondary button. */
  readonly ringClassName?: string;
}

const styles = {
  primary: 'bg-jade text-on-jade shadow-action data-pressed:bg-jade-press data-pressed:shadow-none',
  secondary: 'bg-card text-ink ring-3 ring-inset ring-ink/85 data-pressed:bg-sunk',
} as const;

/** The big buttons at the bottom: at least 148 units high, pressed look in the same frame as the touch. */
export function ActionButton({
  testId,
  version,
  onPress,
  children,
  kind = 'primary',
  disabled = false,
  describedBy,
  countdown,
  ringClassName = 'text-jade',
}: ActionButtonProps) {
  return (
    <Button
      data-testid={testId}
      data-reason={version}
      onPress={onPress}
      isDisabled={disabled}
      {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
      className={`flex min-h-152 w-full items-center justify-center gap-28 rounded-action px-36 py-20 text-center
        text-heading leading-tight font-bold transition-transform duration-75 data-pressed:scale-[0.985]
        disabled:bg-off disabled:text-on-off disabled:shadow-none disabled:ring-0 ${styles[kind]}`}
    >
      {children}
      {countdown !== undefined && (
        <CountdownRing
          countdown={countdown}
          size={84}
          width={9}
          className={kind === 'primary' ? 'text-on-jade' : ringClassName}
          textClassName={`text-[calc(var(--u)*34)] ${kind === 'primary' ? 'text-on-jade' : 'text-ink'}`}
        />
      )}
    </Button>
  );
}

/** Side by side when there are two; the same size, because neither is the better choice. */
export function ButtonRow({ children }: { children: ReactNode }) {
  return <div className="grid auto-cols-fr grid-flow-col gap-28 *:px-16">{children}</div>;
}

/** A plain button below the big ones, for what few people need. */
export function QuietButton({ testId, onPress, disabled = false, countdown, children }: ButtonProps) {
  return (
    <Button
      data-testid={testId}
      onPress={onPress}
      isDisabled={disabled}
      className={
        'flex min-h-96 min-w-96 items-center justify-center gap-18 rounded-full border-2 ' +
        'border-line bg-card px-36 py-12 text-label leading-tight font-medium text-ink ' +
        'data-pressed:bg-sunk disabled:text-on-off'
      }
    >
      {children}
      {countdown !== undefined && (
        <CountdownRing
          countdown={countdown}
          size={64}
          width={9}
          textClassName="text-[calc(var(--u)*28)] text-ink"
        />
      )}
    </Button>
  );
}
