import { consoleExports } from '../../../../shared/console/routes.ts';
import type { UnchargedVisit } from '../../../../shared/console/visits.schema.ts';
import { pathAndQueryOf } from '../../../../shared/util/route-path.ts';
import { go, linkTo, useAddress } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useKept } from '../../base/kept.ts';
import { type Further, usePages } from '../../base/load.ts';
import { memberName } from '../../base/member-name.ts';
import { useWords } from '../../i18n/words.ts';
import { Chip, type ChipLook, PageHead, Waiting, buttonLinkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { type DataColumn, DataList } from '../../ui/data-list.tsx';
import { FailedNote } from '../../ui/note.tsx';
import { VisitDialog } from './visit-dialog.tsx';
import { VisitsForm, visitFilters } from './visits-form.tsx';

export const keyOfVisit = ({ cabinetId, visitId }: UnchargedVisit): string => `${cabinetId}:${visitId}`;

/** Visits that somebody was let in for, and of which no bill has come: what a missing charge is found in. */
export function VisitsPage() {
  const words = useWords();
  const { query } = useAddress();
  const mayExport = useRight('export');
  const params = Object.fromEntries(
    visitFilters.flatMap((name) => {
      const value = query.get(name);
      return value === null || value === '' ? [] : [[name, value] as const];
    }),
  );
  const pages = usePages('visits', { ...params, limit: '100' });
  const openKey = query.get('open');
  const found = pages.items?.find((visit) => keyOfVisit(visit) === openKey);
  const open = useKept(found, openKey);
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.visits.heading} lead={words.visits.lead}>
        <Button onPress={pages.reload}>{words.refresh}</Button>
        {mayExport && (
          <a className={buttonLinkClass} href={pathAndQueryOf(consoleExports.visits, params)}>
            {words.export}
          </a>
        )}
      </PageHead>
      <VisitsForm key={JSON.stringify(params)} filled={params} />
      {pages.items !== null ? (
        pages.items.length === 0 ? (
          <p className="rounded-card border border-line bg-card p-8 text-center text-soft">
            {words.visits.empty}
          </p>
        ) : (
          <VisitList
            items={pages.items}
            pages={pages}
            hrefOf={(visit) => linkTo('/visits', { ...params, open: keyOfVisit(visit) })}
          />
        )
      ) : pages.failed?.code === 'bad_request' ? (
        <FailedNote failed={pages.failed} instead={words.visits.wrong} />
      ) : (
        <Waiting failed={pages.failed} retry={pages.reload} />
      )}
      {open !== undefined && (
        <VisitDialog
          visit={open}
          isGone={found === undefined}
          onDone={pages.reload}
          onClose={() => {
            go(linkTo('/visits', params), { replace: true });
          }}
        />
      )}
    </div>
  );
}

const lookOf = ({ ended, listed }: UnchargedVisit): ChipLook =>
  ended === 'charge' ? 'bad' : ended === null ? (listed ? 'bad' : 'care') : 'plain';

function VisitList({
  items,
  pages,
  hrefOf,
}: {
  items: readonly UnchargedVisit[];
  pages: Further;
  hrefOf: (visit: UnchargedVisit) => string;
}) {
  const words = useWords();
  const { time } = useFormat();
  const ends: Readonly<Record<string, string>> = words.visits.ends;
  const endOf = ({ ended }: UnchargedVisit): string => ends[ended ?? 'silent'] ?? words.visits.ends.other;
  const chip = (visit: UnchargedVisit) => <Chip look={lookOf(visit)}>{endOf(visit)}</Chip>;
  const columns: readonly DataColumn<UnchargedVisit>[] = [
    { id: 'at', title: words.visits.letIn, width: 190, cell: ({ atMs }) => time(atMs) },
    {
      id: 'member',
      title: words.member,
      width: '1fr',
      cell: (visit) => <span className="truncate">{memberName(visit)}</span>,
    },
    {
      id: 'place',
      title: words.place,
      width: '1fr',
      cell: ({ cabinetId }) => <span className="truncate">{cabinetId}</span>,
    },
    { id: 'ended', title: words.visits.ended, width: 260, cell: chip },
  ];
  return (
    <DataList
      label={words.visits.heading}
      items={items}
      columns={columns}
      keyOf={keyOfVisit}
      hrefOf={hrefOf}
      textOf={(visit) => `${time(visit.atMs)}, ${memberName(visit)}, ${endOf(visit)}`}
      cardHeight={104}
      card={(visit) => (
        <div className="flex h-full flex-col justify-between">
          <div>{chip(visit)}</div>
          <p className="truncate text-label">
            {memberName(visit)} · {visit.cabinetId}
          </p>
          <p className="tabular truncate text-fine text-soft">{time(visit.atMs)}</p>
        </div>
      )}
      pages={pages}
    />
  );
}
