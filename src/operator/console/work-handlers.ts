import { readQueue } from './queue.ts';
import type { ConsoleHandlers } from './handlers.ts';
import type { SearchParts } from './search.ts';
import { searchCharges } from './search.ts';
import { readStory } from './story.ts';

/** What is looked at: the queue, charges, one visit's story. */
export function workHandlers(parts: SearchParts): Pick<ConsoleHandlers, 'queue' | 'search' | 'story'> {
  return {
    queue: ({ params }) => readQueue(parts.db, params),
    search: ({ params }) => searchCharges(parts, params),
    story: ({ params }) => readStory(parts.db, params.chargeId),
  };
}
