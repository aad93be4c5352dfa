import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';

interface ActionProps {
  readonly testId: string;
  readonly onPress: () => void;
  readonly children: ReactNode;
  readonly kind?: 'primary' | 'secondary';
  readonly disabled?: boolean;
  readonly describedBy?: string;
}

/** The big buttons at the bottom: at least 148 units high, pressed look in the same frame as the touch. */
export function Action({
  testId,
  onPress,
  children,
  kind = 'primary',
  disabled = false,
  describedBy,
}: ActionProps) {
  const look =
    kind === 'primary'
      ? 'bg-jade text-on-jade shadow-action active:bg-jade-press active:shadow-none'
      : 'bg-card text-ink ring-3 ring-inset ring-ink/85 active:bg-sunk';
  return (
    <Button
      data-testid={testId}
      onPress={onPress}
      isDisabled={disabled}
      {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
      className={`flex min-h-152 w-full items-center justify-center gap-28 rounded-action px-36 py-20 text-center
        text-heading leading-tight font-bold transition-transform duration-75 active:scale-[0.985]
        disabled:bg-off disabled:text-on-off disabled:shadow-none disabled:ring-0 ${look}`}
    >
      {children}
    </Button>
  );
}

/** Side by side when there are two; the same size, because neither is the better choice. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className="grid auto-cols-fr grid-flow-col gap-28 *:px-16">{children}</div>;
}

/** A way that few take, below the big ones: there, reachable, and quiet. */
export function QuietAction({
  testId,
  onPress,
  disabled = false,
  children,
}: Pick<ActionProps, 'testId' | 'onPress' | 'disabled' | 'children'>) {
  return (
    <Button
      data-testid={testId}
      onPress={onPress}
      isDisabled={disabled}
      className="flex min-h-96 min-w-96 items-center justify-center gap-18 rounded-full border-2 border-line bg-card px-36
        py-12 text-label leading-tight font-medium text-ink active:bg-sunk disabled:text-on-off"
    >
      {children}
    </Button>
  );
}
