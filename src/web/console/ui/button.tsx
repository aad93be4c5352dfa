import { Button as AriaButton, type ButtonProps } from 'react-aria-components';

const looks = {
  primary: 'bg-jade text-on-jade data-[hovered]:bg-jade-press data-[pressed]:bg-jade-press',
  danger: 'bg-cinnabar text-on-cinnabar data-[hovered]:bg-cinnabar-press data-[pressed]:bg-cinnabar-press',
  plain: 'border border-edge bg-card text-ink data-[hovered]:bg-sunk data-[pressed]:bg-sunk',
  quiet: 'text-jade-ink data-[hovered]:bg-sunk data-[pressed]:bg-sunk',
} as const;

const shape = [
  'inline-flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-field px-4 text-label',
  'font-semibold data-[disabled]:cursor-default data-[disabled]:border-transparent',
  'data-[disabled]:bg-off data-[disabled]:text-on-off',
].join(' ');

/** At least 44 px high: a finger meets it on a phone. */
export function Button({
  look = 'plain',
  className = '',
  ...props
}: ButtonProps & { look?: keyof typeof looks; className?: string }) {
  return <AriaButton {...props} className={`${shape} ${looks[look]} ${className}`} />;
}
