import { Check } from 'lucide-react';

const box = [
  'grid size-6 shrink-0 place-items-center rounded-md border-2 border-edge text-transparent',
  'group-data-[selected]:border-jade group-data-[selected]:bg-jade group-data-[selected]:text-on-jade',
].join(' ');

/** The box of a check box. */
export function Tick() {
  return (
    <span className={box} aria-hidden>
      <Check className="size-4" strokeWidth={3} />
    </span>
  );
}
