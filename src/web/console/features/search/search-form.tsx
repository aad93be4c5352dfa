import { type SubmitEvent, useState } from 'react';
import { go, linkTo } from '../../base/address.tsx';
import { amountText, readAmount } from '../../base/amount.ts';
import { msOfField, textOfField } from '../../base/field-time.ts';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** What the address of a search has: the parameters of the operator's list. */
export const filterNames = [
  ...['number', 'phone', 'goods', 'cabinetId', 'memberId', 'fromMs', 'toMs', 'fromMinor', 'toMinor'],
  'state',
] as const satisfies readonly string[];

type Filled = Readonly<Record<string, string>>;
type Shown = Record<string, string>;

function shownOf(filled: Filled): Shown {
  const { fromMs, toMs, fromMinor, toMinor } = filled;
  return {
    ...filled,
    fromMs: textOfField(fromMs),
    toMs: textOfField(toMs),
    fromMinor: fromMinor === undefined ? '' : amountText(Number(fromMinor)),
    toMinor: toMinor === undefined ? '' : amountText(Number(toMinor)),
  };
}

function filledOf(shown: Shown): Record<string, string> {
  // What is no amount goes as it is: it is answered that something is wrong.
  const minor = (text = ''): string => (text.trim() === '' ? '' : String(readAmount(text) ?? text));
  return {
    ...shown,
    fromMs: msOfField(shown['fromMs']),
    toMs: msOfField(shown['toMs']),
    fromMinor: minor(shown['fromMinor']),
    toMinor: minor(shown['toMinor']),
  };
}

const states = ['', 'accepted', 'paid', 'collecting', 'needs_attention'] as const;
/** The field that "/" leads to. */
export const firstSearchField = 'search-number';

export function SearchForm({ filled }: { filled: Filled }) {
  const all = useWords();
  const words = all.search;
  const [shown, setShown] = useState<Shown>(() => shownOf(filled));
  const field = (name: (typeof filterNames)[number]) => ({
    value: shown[name] ?? '',
    onChange: (text: string) => {
      setShown({ ...shown, [name]: text });
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const trimmed = Object.entries(filledOf(shown)).map(([name, text]) => [name, text.trim()] as const);
    go(linkTo('/search', Object.fromEntries(trimmed)));
  };
  return (
    <form
      role="search"
      aria-label={words.heading}
      onSubmit={submit}
      className="grid gap-3 rounded-card border border-line bg-card p-4 sm:grid-cols-2 lg:grid-cols-4"
    >
      <TextField label={words.number} hint={words.numberHint} id={firstSearchField} {...field('number')} />
      <TextField label={words.phone} hint={words.phoneHint} inputMode="numeric" {...field('phone')} />
      <TextField label={words.goods} hint={words.goodsHint} {...field('goods')} />
      <TextField label={words.cabinet} {...field('cabinetId')} />
      <TextField label={words.from} type="datetime-local" {...field('fromMs')} />
      <TextField label={words.to} type="datetime-local" {...field('toMs')} />
      <TextField label={words.fromAmount} inputMode="decimal" {...field('fromMinor')} />
      <TextField label={words.toAmount} inputMode="decimal" {...field('toMinor')} />
      <TextField label={words.member} {...field('memberId')} />
      <Choice
        label={words.state}
        value={states.find((one) => one === shown['state']) ?? ''}
        options={states.map((id) => ({ id, text: id === '' ? words.anyState : all.codes.states[id] }))}
        onChange={(state) => {
          setShown({ ...shown, state });
        }}
      />
      <div className="flex items-end gap-3 sm:col-span-2 lg:justify-end">
        <Button
          onPress={() => {
            go('/search');
          }}
        >
          {words.clear}
        </Button>
        <Button look="primary" type="submit" className="grow lg:grow-0">
          {words.submit}
        </Button>
      </div>
    </form>
  );
}
