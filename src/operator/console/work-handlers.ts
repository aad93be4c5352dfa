import { ok } from '../../shared/result.ts';
import { readPhoneReport } from './phone-reports.ts';
import { countQueue, readQueue } from './queue.ts';
import type { ConsoleHandlers } from './handlers.ts';
import type { SearchParts } from './search.ts';
import { searchCharges, totalsOfSearch } from './search.ts';
import { readStory, readVisitStory } from './story.ts';
import type { VisitParts } from './visits.ts';
import { readVisitGoods, readVisits } from './visits.ts';

type Looked =
  | 'queue'
  | 'queueCounts'
  | 'search'
  | 'searchTotals'
  | 'story'
  | 'reports'
  | 'visits'
  | 'visitGoods'
  | 'visitStory';

/** What is looked at: the queue, charges, one visit's story, visits without a charge. */
export function workHandlers(parts: SearchParts & VisitParts): Pick<ConsoleHandlers, Looked> {
  return {
    queue: ({ params }) => readQueue(parts.db, params),
    queueCounts: async ({ params }) => ok(await countQueue(parts.db, params.cabinetId)),
    search: ({ params }) => searchCharges(parts, params),
    searchTotals: async ({ params }) => ok(await totalsOfSearch(parts, params)),
    reports: async ({ params }) => ok(await readPhoneReport(parts.db, params.chargeId)),
    story: ({ params }) => readStory(parts.db, params.chargeId),
    visits: ({ params }) => readVisits(parts, params),
    visitStory: ({ params }) => readVisitStory(parts.db, params),
    visitGoods: ({ params }) => readVisitGoods(parts, params),
  };
}
