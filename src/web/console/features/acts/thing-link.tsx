import { Go, useAddress } from '../../base/address.tsx';
import { useWords } from '../../i18n/words.ts';
import type { Thing } from './thing-of.ts';

/** Leads to what an act was about; nothing where one is there already. */
export function ThingLink({ thing, className }: { thing: Thing | null; className: string }) {
  const words = useWords();
  const { path, query } = useAddress();
  if (thing === null) return null;
  const [thingPath, thingQuery] = thing.to.split('?');
  const open = new URLSearchParams(thingQuery).get('open');
  if (path === thingPath && (open === null || query.get('open') === open)) return null;
  return (
    <Go to={thing.to} className={className}>
      {words.acts.things[thing.name]}
    </Go>
  );
}
