import { type SubmitEvent, useState } from 'react';
import { CheckboxButton, CheckboxField, CheckboxGroup, Label } from 'react-aria-components';
import type { PromotionList } from '../../../../shared/console/promotions.schema.ts';
import { paymentMeans } from '../../../../shared/model/member.ts';
import type { Promotion } from '../../../../shared/model/promotion.schema.ts';
import { promotionKinds } from '../../../../shared/model/promotion.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { Note } from '../../ui/note.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Tick } from '../../ui/tick.tsx';
import { type TypedPromotion, everyDay, newPromotion, readPromotion, typedOf } from './typed.ts';

/** The days of a week that began on a Monday, by the names of the reader's language. */
const dayName = (day: string, language: string): string =>
  new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(
    new Date(Date.UTC(2024, 0, Number(day))),
  );

interface DialogProps {
  readonly of: PromotionList;
  /** Null: a new one. */
  readonly promotion: Promotion | null;
  /** Short names that are taken by others. */
  readonly taken: readonly string[];
  readonly onKeep: (promotion: Promotion) => void;
  readonly onClose: () => void;
}

/** Draws up one promotion; it goes into the draft. */
export function PromotionDialog({ of, promotion, taken, onKeep, onClose }: DialogProps) {
  const words = useWords().promotions;
  const { cancel } = useWords();
  const [typed, setTyped] = useState(promotion === null ? newPromotion : typedOf(promotion));
  const [wrong, setWrong] = useState<'wrong' | 'sameId' | null>(null);
  const type = (more: Partial<TypedPromotion>): void => {
    setTyped({ ...typed, ...more });
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const read = readPromotion(typed);
    if (read === null || taken.includes(read.id)) setWrong(read === null ? 'wrong' : 'sameId');
    else onKeep(read);
  };
  const text = (name: TypedText, label: string, hint = '') => (
    <TypedField name={name} label={label} hint={hint} typed={typed} type={type} />
  );
  return (
    <DialogBox heading={promotion === null ? words.add : words.edit} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <div className="flex flex-wrap gap-4">
          {text('id', words.id, words.idHint)}
          {text('zh', words.nameZh)}
          {text('en', words.nameEn)}
        </div>
        <RuleFields of={of} typed={typed} type={type} />
        <Ticks
          label={words.days}
          values={typed.weekdays}
          all={everyDay}
          onChange={(weekdays) => {
            type({ weekdays });
          }}
        />
        <div className="flex flex-wrap gap-4">
          {text('times', words.times, words.timesHint)}
          {text('firstDay', words.firstDay, words.dayHint)}
          {text('lastDay', words.lastDay, words.dayHint)}
        </div>
        {text('cabinets', words.cabinets, words.cabinetsHint)}
        {wrong !== null && (
          <Note look="bad" alert>
            {words[wrong]}
          </Note>
        )}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onPress={onClose}>{cancel}</Button>
          <Button type="submit" look="primary">
            {words.keep}
          </Button>
        </div>
      </form>
    </DialogBox>
  );
}

interface TypingProps {
  readonly typed: TypedPromotion;
  readonly type: (more: Partial<TypedPromotion>) => void;
}
/** What is typed as text. */
type TypedText = {
  [K in keyof TypedPromotion]: TypedPromotion[K] extends string ? K : never;
}[keyof TypedPromotion];

function TypedField({
  name,
  label,
  hint,
  typed,
  type,
}: TypingProps & { readonly name: TypedText; readonly label: string; readonly hint: string }) {
  return (
    <TextField
      label={label}
      {...(hint !== '' && { hint })}
      value={typed[name]}
      onChange={(value) => {
        type({ [name]: value });
      }}
      className="grow basis-40"
    />
  );
}

interface FieldsProps extends TypingProps {
  readonly of: PromotionList;
}

/** What it does: what is asked for depends on that. */
function RuleFields({ of, typed, type }: FieldsProps) {
  const words = useWords().promotions;
  const { kind } = typed;
  const field = (name: TypedText, label: string, hint = '') => (
    <TypedField name={name} label={label} hint={hint} typed={typed} type={type} />
  );
  const hasPrice = kind === 'member_price' || kind === 'bundle';
  return (
    <>
      <div className="flex flex-wrap items-start gap-4">
        <Choice
          label={words.kind}
          value={kind}
          options={promotionKinds.map((id) => ({ id, text: words.kinds[id] }))}
          onChange={(chosen) => {
            type({ kind: chosen });
          }}
          className="grow basis-60"
        />
        {kind === 'bundle' && field('count', words.count)}
        {(kind === 'amount_off' || kind === 'basket_off') && field('amount', words.off)}
        {hasPrice && field('amount', words.price)}
        {kind === 'basket_off' && field('from', words.from, words.fromHint)}
      </div>
      {kind !== 'free' && kind !== 'basket_off' && <GoodsTicks of={of} typed={typed} type={type} />}
      {kind === 'member_price' && (
        <Ticks
          label={words.means}
          values={typed.means}
          all={paymentMeans}
          nameOf={(means) => words.meansOf[means]}
          onChange={(means) => {
            type({ means });
          }}
        />
      )}
    </>
  );
}

/** Any of a few, in a row. */
function Ticks<T extends string>({
  label,
  values,
  all,
  nameOf,
  onChange,
}: {
  label: string;
  values: readonly string[];
  all: readonly T[];
  nameOf?: (value: T) => string;
  onChange: (values: readonly T[]) => void;
}) {
  const { language } = useSettings();
  return (
    <CheckboxGroup
      value={[...values]}
      onChange={(chosen) => {
        onChange(all.filter((one) => chosen.includes(one)));
      }}
      className="flex flex-col gap-1"
    >
      <Label className="text-small font-semibold">{label}</Label>
      <div className="flex flex-wrap gap-x-4">
        {all.map((one) => (
          <CheckboxField key={one} value={one}>
            <CheckboxButton className="group flex min-h-11 cursor-pointer items-center gap-2 text-label">
              <Tick />
              {nameOf === undefined ? dayName(one, language) : nameOf(one)}
            </CheckboxButton>
          </CheckboxField>
        ))}
      </div>
    </CheckboxGroup>
  );
}

function GoodsTicks({ of, typed, type }: FieldsProps) {
  const words = useWords().promotions;
  const { language } = useSettings();
  const { money } = useFormat();
  return (
    <CheckboxGroup
      value={[...typed.skus]}
      onChange={(skus) => {
        type({ skus });
      }}
      className="flex flex-col gap-1"
    >
      <Label className="text-small font-semibold">{words.goods}</Label>
      <div className="max-h-60 overflow-auto rounded-field border border-line px-3">
        {of.goods.map(({ sku, name, priceMinor }) => (
          <CheckboxField key={sku} value={sku}>
            <CheckboxButton className="group flex min-h-11 cursor-pointer items-center gap-3 text-label">
              <Tick />
              <span className="min-w-0 grow break-words">{name[language]}</span>
              <span className="tabular text-soft">{money(priceMinor, of.currency)}</span>
            </CheckboxButton>
          </CheckboxField>
        ))}
      </div>
    </CheckboxGroup>
  );
}
