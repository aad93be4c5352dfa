import { ChevronDown } from 'lucide-react';
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components';
import { boxClass } from './text-field.tsx';

const popover =
  'min-w-(--trigger-width) overflow-auto rounded-field border border-edge bg-card p-1 shadow-above';
const option = [
  'flex min-h-11 cursor-pointer items-center rounded-field px-3 text-label',
  'data-[focused]:bg-sunk data-[selected]:font-semibold data-[selected]:text-jade-ink',
].join(' ');

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly id: T; readonly text: string }[];
  readonly onChange: (value: T) => void;
  readonly className?: string;
}

/** One of a few, from a list that opens. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
  className = '',
}: ChoiceProps<T>) {
  return (
    <Select
      value={value}
      onChange={(key) => {
        const chosen = options.find(({ id }) => id === key);
        if (chosen !== undefined) onChange(chosen.id);
      }}
      className={`flex min-w-0 flex-col gap-1 ${className}`}
    >
      <Label className="text-small font-semibold">{label}</Label>
      <Button className={`${boxClass} flex min-h-11 cursor-pointer items-center justify-between gap-2`}>
        <SelectValue className="truncate" />
        <ChevronDown aria-hidden className="size-4 shrink-0" />
      </Button>
      <Popover className={popover}>
        <ListBox items={options} className="outline-none">
          {({ id, text }) => (
            <ListBoxItem id={id} textValue={text} className={option}>
              {text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
