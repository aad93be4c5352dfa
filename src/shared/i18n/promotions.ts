import type { PromotionRule, Schedule } from '../model/promotion.schema.ts';
import type { PaymentMeans } from '../model/member.ts';
import { clockOf } from '../util/clock-text.ts';

/** What a promotion is, in words, for shoppers and for whoever draws it up. */
export interface PromotionSpeech {
  /** Of an amount, with its currency. */
  readonly money: (amountMinor: number) => string;
  readonly nameOf: (sku: string) => string;
  readonly meansOf: (means: PaymentMeans) => string;
}
type Language = 'zh' | 'en';

/** Goods that are named; of more it is said how many more there are. */
const goodsNamed = 3;

const dayNames = {
  zh: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
} as const;

function goodsText(skus: readonly string[], { nameOf }: PromotionSpeech, language: Language): string {
  const named = skus.slice(0, goodsNamed).map(nameOf);
  const more = skus.length - named.length;
  if (language === 'zh') return named.join('、') + (more > 0 ? `等 ${skus.length} 种` : '');
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** What is taken off, in a sentence. */
export function ruleText(rule: PromotionRule, speech: PromotionSpeech, language: Language): string {
  const { money, meansOf } = speech;
  const goods = 'skus' in rule ? goodsText(rule.skus, speech, language) : '';
  const isZh = language === 'zh';
  switch (rule.kind) {
    case 'free':
      return isZh ? '全部免费，只计数，不扣款' : 'Everything is free: counted, not charged';
    case 'second_half':
      return isZh ? `第二件半价：${goods}` : `Second at half price: ${goods}`;
    case 'amount_off': {
      const off = money(rule.offMinor);
      return isZh ? `每件减 ${off}：${goods}` : `${off} off each: ${goods}`;
    }
    case 'member_price': {
      const price = money(rule.priceMinor);
      const means = rule.means.map(meansOf);
      if (isZh) return `${means.length === 0 ? '会员' : means.join('、')}价 ${price}：${goods}`;
      return `${price} ${means.length === 0 ? 'for members' : `with ${means.join(', ')}`}: ${goods}`;
    }
    case 'bundle': {
      const price = money(rule.priceMinor);
      return isZh ? `任选 ${rule.count} 件 ${price}：${goods}` : `Any ${rule.count} for ${price}: ${goods}`;
    }
    case 'basket_off': {
      const [off, from] = [money(rule.offMinor), money(rule.fromMinor)];
      if (rule.fromMinor === 0) return isZh ? `每单减 ${off}` : `${off} off each purchase`;
      return isZh ? `满 ${from} 减 ${off}` : `${off} off from ${from}`;
    }
  }
}

/** At which times of day, and on which days; empty: always. */
export function scheduleText(schedule: Schedule, language: Language): string {
  const { weekdays, fromMinute, toMinute, firstDay, lastDay } = schedule;
  const names = dayNames[language];
  const days = [...weekdays].sort().map((day) => names[day - 1] ?? '');
  const isAllDay = fromMinute === toMinute;
  const parts = [
    ...(days.length === names.length ? [] : [days.join(language === 'zh' ? '、' : ', ')]),
    ...(isAllDay ? [] : [`${clockOf(fromMinute)}–${clockOf(toMinute)}`]),
    ...(firstDay === null && lastDay === null ? [] : [`${firstDay ?? ''} … ${lastDay ?? ''}`.trim()]),
  ];
  return parts.join(' · ');
}
