import type { Promotion, PromotionRule } from '../../../../shared/model/promotion.schema.ts';
import { promotionSchema } from '../../../../shared/model/promotion.schema.ts';
import type { PaymentMeans } from '../../../../shared/model/member.ts';
import { clockOf } from '../../../../shared/util/clock-text.ts';
import { amountText, readAmount } from '../../base/amount.ts';

type Kind = PromotionRule['kind'];

/** A promotion as it stands in the fields of a form. */
export interface TypedPromotion {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly kind: Kind;
  readonly skus: readonly string[];
  readonly means: readonly PaymentMeans[];
  /** What is taken off, or what it costs then. */
  readonly amount: string;
  /** From which sum on. */
  readonly from: string;
  readonly count: string;
  readonly weekdays: readonly string[];
  readonly times: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly cabinets: string;
}

export const everyDay = ['1', '2', '3', '4', '5', '6', '7'] as const;
export const newPromotion: TypedPromotion = {
  ...{ id: '', zh: '', en: '', kind: 'second_half', skus: [], means: [], amount: '', from: '', count: '2' },
  ...{ weekdays: everyDay, times: '', firstDay: '', lastDay: '', cabinets: '' },
};

export function typedOf({ id, name, rule, schedule, cabinets }: Promotion): TypedPromotion {
  const { fromMinute, toMinute, firstDay, lastDay, weekdays } = schedule;
  const amountMinor = 'offMinor' in rule ? rule.offMinor : 'priceMinor' in rule ? rule.priceMinor : null;
  return {
    ...{ id, zh: name.zh, en: name.en, kind: rule.kind, skus: 'skus' in rule ? rule.skus : [] },
    means: rule.kind === 'member_price' ? rule.means : [],
    amount: amountMinor === null ? '' : amountText(amountMinor),
    from: rule.kind === 'basket_off' ? amountText(rule.fromMinor) : '',
    count: rule.kind === 'bundle' ? String(rule.count) : '2',
    weekdays: weekdays.map(String),
    times: fromMinute === toMinute ? '' : `${clockOf(fromMinute)}-${clockOf(toMinute)}`,
    ...{ firstDay: firstDay ?? '', lastDay: lastDay ?? '', cabinets: cabinets.join(' ') },
  };
}

/** Minutes of `10:00-14:00`; empty: all day. Null: it cannot be read. */
function timesOf(text: string): readonly [number, number] | null {
  if (text.trim() === '') return [0, 0];
  const [, h1, m1, h2, m2] =
    /^([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)$/.exec(text.trim()) ?? [];
  if (h1 === undefined) return null;
  const to = Number(h2) * 60 + Number(m2);
  return to > 1_440 ? null : [Number(h1) * 60 + Number(m1), to % 1_440];
}

function ruleOf({ kind, skus, means, amount, from, count }: TypedPromotion): unknown {
  const amountMinor = readAmount(amount);
  switch (kind) {
    case 'free':
      return { kind };
    case 'second_half':
      return { kind, skus };
    case 'amount_off':
      return { kind, skus, offMinor: amountMinor };
    case 'member_price':
      return { kind, skus, means, priceMinor: amountMinor };
    case 'bundle':
      return { kind, skus, count: Number(count), priceMinor: amountMinor };
    case 'basket_off':
      return { kind, offMinor: amountMinor, fromMinor: from.trim() === '' ? 0 : readAmount(from) };
  }
}

/** Null: something of it is not right. */
export function readPromotion(typed: TypedPromotion): Promotion | null {
  const times = timesOf(typed.times);
  if (times === null) return null;
  const [fromMinute, toMinute] = times;
  const dayOf = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  const read = promotionSchema.safeParse({
    id: typed.id.trim(),
    name: { zh: typed.zh.trim(), en: typed.en.trim() },
    schedule: {
      ...{ firstDay: dayOf(typed.firstDay), lastDay: dayOf(typed.lastDay), fromMinute, toMinute },
      weekdays: typed.weekdays.map(Number).sort(),
    },
    cabinets: typed.cabinets.split(/[\s,;]+/).filter((one) => one !== ''),
    rule: ruleOf(typed),
  });
  return read.success ? read.data : null;
}
