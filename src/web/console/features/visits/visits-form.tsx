import { type SubmitEvent, useState } from 'react';
import { go, linkTo } from '../../base/address.tsx';
import { msOfField, textOfField } from '../../base/field-time.ts';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** What the address of the list has: the parameters of the operator's. */
export const visitFilters = ['phone', 'cabinetId', 'memberId', 'fromMs', 'toMs', 'visitId'] as const;

export function VisitsForm({ filled }: { filled: Readonly<Record<string, string>> }) {
  const all = useWords();
  const words = all.search;
  const [shown, setShown] = useState<Record<string, string>>({
    ...filled,
    fromMs: textOfField(filled['fromMs']),
    toMs: textOfField(filled['toMs']),
  });
  const field = (name: (typeof visitFilters)[number]) => ({
    value: shown[name] ?? '',
    onChange: (text: string) => {
      setShown({ ...shown, [name]: text });
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const trimmed = Object.fromEntries(Object.entries(shown).map(([name, text]) => [name, text.trim()]));
    const times = { fromMs: msOfField(trimmed['fromMs']), toMs: msOfField(trimmed['toMs']) };
    go(linkTo('/visits', { ...trimmed, ...times }));
  };
  return (
    <form
      role="search"
      aria-label={all.visits.heading}
      onSubmit={submit}
      className="grid gap-3 rounded-card border border-line bg-card p-4 sm:grid-cols-2 lg:grid-cols-6"
    >
      <TextField label={words.phone} hint={words.phoneHint} inputMode="numeric" {...field('phone')} />
      <TextField label={words.cabinet} {...field('cabinetId')} />
      <TextField label={words.member} {...field('memberId')} />
      <TextField label={words.from} type="datetime-local" {...field('fromMs')} />
      <TextField label={words.to} type="datetime-local" {...field('toMs')} />
      <div className="flex items-start gap-3 sm:pt-6">
        <Button
          onPress={() => {
            go('/visits');
          }}
        >
          {words.clear}
        </Button>
        <Button look="primary" type="submit" className="grow">
          {words.submit}
        </Button>
      </div>
    </form>
  );
}
