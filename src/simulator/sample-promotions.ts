import type { Promotion, Schedule } from '../shared/model/promotion.schema.ts';

const always: Schedule = {
  ...{ firstDay: null, lastDay: null, weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 0 },
};

/** Of the sample goods: of each two cans of cola the second costs half, at any time. Put with `putPromotions` of the development API. */
export const secondColaAtHalf: Promotion = {
  id: 'second-cola',
  name: { zh: '可乐第二罐半价', en: 'Second cola at half price' },
  schedule: always,
  cabinets: [],
  rule: { kind: 'second_half', skus: ['cola-can'] },
};

/** All is counted, and nothing is charged. */
export const openDay: Promotion = {
  id: 'open-day',
  name: { zh: '开放日免费', en: 'Free open day' },
  schedule: always,
  cabinets: [],
  rule: { kind: 'free' },
};
