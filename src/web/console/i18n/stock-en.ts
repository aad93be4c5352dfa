import type { stockZh } from './stock-zh.ts';

export const stockEn: typeof stockZh = {
  goods: 'Goods',
  heading: (cabinetId) => `Goods in ${cabinetId}`,
  lead: 'As the cabinet itself says. Goods that were gone, or too many, before the door opened are on nobody’s bill.',
  counted: (counted, received) => `Counted ${counted}, told ${received}`,
  nothing: 'This cabinet has said nothing of its goods so far.',
  lane: (lane) => `Lane ${lane}`,
  pieces: (count) => `${count} pieces`,
  differences: 'Goods that did not add up',
  none: 'None.',
  between: (from, to) => `Between ${from} and ${to}`,
  nobody: 'Nobody opened the door meanwhile',
  opened: (count) => `Door opened meanwhile (${count}×): `,
  staff: (staffNo) => `staff ${staffNo}`,
};
