import type { ComponentProps } from 'react';

const looks = {
  primary: 'bg-jade text-on-jade active:bg-jade-press',
  danger: 'bg-cinnabar text-on-cinnabar active:bg-cinnabar-press',
  plain: 'border border-edge bg-card text-ink active:bg-sunk',
  quiet: 'text-jade-ink underline underline-offset-4 active:bg-sunk',
} as const;
export type ButtonLook = keyof typeof looks;

/** At least 48 px high, whatever is on it. */
export function lookOf(look: ButtonLook, isWide = false): string {
  return (
    `inline-flex min-h-12 cursor-pointer items-center justify-center gap-2 rounded-field px-4 py-2 text-center ` +
    `text-body font-semibold aria-disabled:cursor-default aria-disabled:border-transparent aria-disabled:bg-off ` +
    `aria-disabled:text-on-off ${isWide ? 'w-full' : ''} ${looks[look]}`
  );
}

/** Of one among several, with its own mark before it. */
export const choiceLook =
  'flex min-h-12 cursor-pointer items-center gap-2 rounded-field border border-edge bg-card px-3 ' +
  'has-checked:border-jade has-checked:bg-jade-soft';

/** One that cannot be used now stays where it is, can be reached by the keyboard, and does nothing. */
export function Button({
  look = 'plain',
  isWide = false,
  isOff = false,
  testId,
  onPress,
  ...props
}: Omit<ComponentProps<'button'>, 'onClick' | 'className'> & {
  look?: ButtonLook;
  isWide?: boolean;
  isOff?: boolean;
  testId?: string;
  onPress?: () => void;
}) {
  return (
    <button
      type="button"
      {...props}
      data-testid={testId}
      aria-disabled={isOff || undefined}
      className={lookOf(look, isWide)}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else onPress?.();
      }}
    />
  );
}
