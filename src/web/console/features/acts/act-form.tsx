import { type SubmitEvent, useState } from 'react';
import { CheckboxButton, CheckboxField, CheckboxGroup, Label } from 'react-aria-components';
import type { ConsoleAct } from '../../../../shared/console/acts.schema.ts';
import { amountText, readAmount } from '../../base/amount.ts';
import { windowsText } from '../../base/windows.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Tick } from '../../ui/tick.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type Counts, GoodsChoice, sumOf } from './goods-choice.tsx';
import type { Filled, Intent } from './intents.ts';
import { RollOutFields, type TypedRollOut, readRollOut } from './roll-out-fields.tsx';
import { MessageFields, type Message, isSendable } from './message-fields.tsx';

/** What stands in the fields; `amount` null: what stood there first. */
export interface Typed {
  readonly amount: string | null;
  /** Places of the lines that were ticked. */
  readonly chosen: readonly string[];
  readonly reference: string;
  readonly counts: Counts;
  readonly message: Message;
  /** Null: what stood there first. */
  readonly rollOut: TypedRollOut | null;
  readonly reason: string;
}

type Wrong =
  | 'badAmount'
  | 'badReason'
  | 'badReference'
  | 'noneChosen'
  | 'noGoods'
  | 'tooMuch'
  | 'badMessage'
  | 'badRollOut';
const reasonLeast = 3;
const reasonMost = 150;
const referenceForm = /^[0-9A-Za-z_.:-]{1,64}$/;

function firstText({ amount }: Intent): string {
  return amount?.firstMinor == null ? '' : amountText(amount.firstMinor);
}

function rollOutOf({ rollOut }: Intent, typed: Typed): TypedRollOut {
  if (typed.rollOut !== null || rollOut === null)
    return typed.rollOut ?? { release: '', percent: '', windows: '', days: '' };
  const { release, percent, windows, days } = rollOut.first;
  return { release, percent: String(percent), windows: windowsText(windows), days: String(days) };
}

const noRollOut = { release: '', percent: 0, windows: [], days: 0 };

/** What was filled in, or what is wrong with it. */
function readForm(intent: Intent, typed: Typed): Filled | Wrong {
  const { goods: of, reference } = intent;
  const named = typed.reference.trim();
  const goods = Object.entries(typed.counts).flatMap(([sku, count]) => (count > 0 ? [{ sku, count }] : []));
  if (of !== null && goods.length === 0) return 'noGoods';
  if (of !== null && sumOf(of, typed.counts) > of.mostMinor) return 'tooMuch';
  if (intent.message && !isSendable(typed.message)) return 'badMessage';
  if (reference && !referenceForm.test(named)) return 'badReference';
  const rollOut = intent.rollOut === null ? noRollOut : readRollOut(rollOutOf(intent, typed));
  if (rollOut === null) return 'badRollOut';
  if (typed.reason.trim().length < reasonLeast) return 'badReason';
  const amountMinor = amountOf(intent, typed);
  return typeof amountMinor === 'string'
    ? amountMinor
    : {
        ...{ amountMinor, reference: named, goods, rollOut },
        ...typed.message,
        text: typed.message.text.trim(),
      };
}

function amountOf(intent: Intent, typed: Typed): number | Wrong {
  const { amount, choose } = intent;
  if (choose !== null) {
    const chosen = choose.lines.filter((_line, place) => typed.chosen.includes(String(place)));
    if (chosen.length === 0) return 'noneChosen';
    const sum = chosen.reduce((all, { amountMinor }) => all + amountMinor, choose.baseMinor);
    return Math.min(sum, choose.mostMinor);
  }
  if (amount === null) return 0;
  const { negative = false, mostMinor } = amount;
  const amountMinor = readAmount(typed.amount ?? firstText(intent), { negative });
  const isTooMuch = amountMinor !== null && mostMinor !== null && amountMinor > mostMinor;
  return amountMinor === null || amountMinor === 0 || isTooMuch ? 'badAmount' : amountMinor;
}

export function ActForm({
  intent,
  typed,
  onType,
  busy,
  onCancel,
  onLook,
}: {
  intent: Intent;
  typed: Typed;
  onType: (typed: Typed) => void;
  busy: boolean;
  onCancel: () => void;
  onLook: (wanted: { act: ConsoleAct; reason: string }) => void;
}) {
  const all = useWords();
  const words = all.acts;
  const { money } = useFormat();
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const { amount, choose, currency, reference } = intent;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const filled = readForm(intent, typed);
    if (typeof filled === 'string') {
      setWrong(filled);
      return;
    }
    setWrong(null);
    onLook({ act: intent.act(filled), reason: typed.reason.trim() });
  };
  const mostMinor = amount?.mostMinor ?? null;
  const isReasonAlone =
    amount === null && choose === null && intent.goods === null && !intent.message && intent.rollOut === null;
  return (
    <form className="flex flex-col gap-4" onSubmit={submit}>
      {choose !== null && (
        <HeldChoice
          intent={intent}
          chosen={typed.chosen}
          onChoose={(chosen) => {
            onType({ ...typed, chosen });
          }}
        />
      )}
      {intent.goods !== null && (
        <GoodsChoice
          of={intent.goods}
          counts={typed.counts}
          onCount={(counts) => {
            onType({ ...typed, counts });
          }}
        />
      )}
      {intent.message && (
        <MessageFields
          message={typed.message}
          onChange={(message) => {
            onType({ ...typed, message });
          }}
        />
      )}
      {intent.rollOut !== null && (
        <RollOutFields
          isOfOne={intent.rollOut.isOfOne}
          typed={rollOutOf(intent, typed)}
          onChange={(rollOut) => {
            onType({ ...typed, rollOut });
          }}
        />
      )}
      {amount !== null && (
        <TextField
          label={words[amount.label]}
          {...(mostMinor === null ? {} : { hint: words.upTo(money(mostMinor, currency)) })}
          value={typed.amount ?? firstText(intent)}
          onChange={(text) => {
            onType({ ...typed, amount: text });
          }}
          inputMode="decimal"
          autoFocus
        />
      )}
      {reference && (
        <TextField
          label={words.reference}
          hint={words.referenceHint}
          value={typed.reference}
          onChange={(text) => {
            onType({ ...typed, reference: text });
          }}
        />
      )}
      <TextField
        label={words.reason}
        hint={words.reasonHint}
        rows={3}
        maxLength={reasonMost}
        value={typed.reason}
        onChange={(text) => {
          onType({ ...typed, reason: text });
        }}
        autoFocus={isReasonAlone}
      />
      {wrong !== null && (
        <Note look="bad" alert>
          {words[wrong]}
        </Note>
      )}
      <div className="flex flex-wrap justify-end gap-3">
        <Button onPress={onCancel}>{all.cancel}</Button>
        <Button look="primary" type="submit" isDisabled={busy}>
          {words.look}
        </Button>
      </div>
    </form>
  );
}

function HeldChoice({
  intent: { choose, currency },
  chosen,
  onChoose,
}: {
  intent: Intent;
  chosen: readonly string[];
  onChoose: (chosen: readonly string[]) => void;
}) {
  const words = useWords().acts;
  const { money } = useFormat();
  const { language } = useSettings();
  return (
    <CheckboxGroup value={[...chosen]} onChange={onChoose} className="flex flex-col gap-1">
      <Label className="text-small font-semibold">{words.heldWhich}</Label>
      {choose?.lines.map(({ sku, name, count, amountMinor }, place) => (
        <CheckboxField key={sku} value={String(place)}>
          <CheckboxButton className="group flex min-h-11 cursor-pointer items-center gap-3">
            <Tick />
            <span className="min-w-0 grow">
              {name[language]} × {count}
            </span>
            <span className="tabular font-semibold">{money(amountMinor, currency)}</span>
          </CheckboxButton>
        </CheckboxField>
      ))}
    </CheckboxGroup>
  );
}
