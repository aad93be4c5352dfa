import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components/Checkbox';

/** A big box to tick, its words part of it. */
export function Checkbox({
  testId,
  ticked,
  onTick,
  children,
}: {
  testId: string;
  ticked: boolean;
  onTick: (ticked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <CheckboxField isSelected={ticked} onChange={onTick} className="block">
      <CheckboxButton
        data-testid={testId}
        className={
          `flex min-h-112 w-full items-center gap-24 rounded-tile px-28 py-16 text-label
          leading-snug font-medium text-ink data-pressed:bg-line
          data-focus-visible:outline-6 ` +
          `data-focus-visible:outline-jade-ink ${
            ticked ? 'bg-jade-soft ring-3 ring-jade ring-inset' : 'bg-card ring-3 ring-soft ring-inset'
          }`
        }
      >
        <span
          className={`grid size-64 shrink-0 place-items-center rounded-[calc(var(--u)*14)] ${
            ticked ? 'bg-jade text-on-jade' : 'bg-card ring-4 ring-soft ring-inset'
          }`}
        >
          {ticked && <Check className="size-48" strokeWidth={3.4} aria-hidden="true" />}
        </span>
        <span className="min-w-0 flex-1">{children}</span>
      </CheckboxButton>
    </CheckboxField>
  );
}
