import type { heatZh } from './heat-zh.ts';
import type { Widen } from './shape.ts';

export const heatEn: Widen<typeof heatZh> = {
  about: 'How often each antenna has heard the tags of each place. 0: not at all.',
  place: 'Place',
  reads: 'Reads',
  antenna: 'Ant. {{antenna}}',
  unknown: 'tags of no known article',
  fits:
    'Room for more: the reader follows {{carried}} tags within {{seconds}} s of the shut door. ' +
    '{{tags}} lie inside: {{left}} more would do.',
  tooMany:
    'Too many for a quick bill: the reader follows {{carried}} tags within {{seconds}} s of the shut door. ' +
    '{{tags}} lie inside: {{left}} too many.',
};
