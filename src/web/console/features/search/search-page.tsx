import { consoleExports } from '../../../../shared/console/routes.ts';
import { pathAndQueryOf } from '../../../../shared/util/route-path.ts';
import type { FoundCharge } from '../../../../shared/console/work.schema.ts';
import { searchTotalsMax } from '../../../../shared/console/work.schema.ts';
import { Go, linkTo, useAddress } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { shortNumber, useFormat } from '../../base/format.ts';
import { type Further, useLoad, usePages } from '../../base/load.ts';
import { memberName } from '../../base/member-name.ts';
import { useWords } from '../../i18n/words.ts';
import { Chip, type ChipLook, PageHead, Waiting, buttonLinkClass, linkClass } from '../../ui/bits.tsx';
import { type DataColumn, DataList } from '../../ui/data-list.tsx';
import { FailedNote } from '../../ui/note.tsx';
import { Totals } from '../../ui/totals.tsx';
import { filterNames, SearchForm } from './search-form.tsx';

export const stateLooks: Readonly<Record<FoundCharge['state'], ChipLook>> = {
  accepted: 'plain',
  paid: 'good',
  collecting: 'care',
  needs_attention: 'bad',
};

export function SearchPage() {
  const words = useWords();
  const { query } = useAddress();
  const mayExport = useRight('export');
  const params = Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = query.get(name);
      return value === null || value === '' ? [] : [[name, value] as const];
    }),
  );
  const pages = usePages('search', { ...params, limit: '100' });
  const { value: totals } = useLoad('searchTotals', params);
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.search.heading}>
        {mayExport && (
          <a className={buttonLinkClass} href={pathAndQueryOf(consoleExports.search, params)}>
            {words.export}
          </a>
        )}
      </PageHead>
      <SearchForm key={JSON.stringify(params)} filled={params} />
      {pages.items !== null ? (
        pages.items.length === 0 ? (
          <div className="rounded-card border border-line bg-card p-8 text-center text-soft">
            <p>{words.search.empty}</p>
            <Go to={linkTo('/visits', visitFiltersOf(params))} className={linkClass}>
              {words.search.toVisits}
            </Go>
          </div>
        ) : (
          <>
            {totals !== null && <Totals {...totals} countMax={searchTotalsMax} />}
            <Found items={pages.items} pages={pages} />
            {/* Another visit of the same person may have no bill: what is found here says nothing of it. */}
            {'phone' in params && (
              <p className="text-label text-soft">
                {words.search.notAmongThem}{' '}
                <Go to={linkTo('/visits', visitFiltersOf(params))} className={linkClass}>
                  {words.search.toVisits}
                </Go>
              </p>
            )}
          </>
        )
      ) : pages.failed?.code === 'bad_request' ? (
        <FailedNote failed={pages.failed} instead={words.search.wrong} />
      ) : (
        <Waiting failed={pages.failed} retry={pages.reload} />
      )}
    </div>
  );
}

/** What is looked for there as well. */
function visitFiltersOf(params: Readonly<Record<string, string>>): Record<string, string> {
  const both: ReadonlySet<string> = new Set(['phone', 'cabinetId', 'memberId', 'fromMs', 'toMs']);
  return Object.fromEntries(Object.entries(params).filter(([name]) => both.has(name)));
}

function Found({ items, pages }: { items: readonly FoundCharge[]; pages: Further }) {
  const words = useWords();
  const { money, time } = useFormat();
  const state = (found: FoundCharge) => (
    <Chip look={stateLooks[found.state]}>{words.codes.states[found.state]}</Chip>
  );
  const total = ({ dueMinor, currency }: FoundCharge): string => money(dueMinor, currency);
  const columns: readonly DataColumn<FoundCharge>[] = [
    { id: 'visit', title: words.search.visit, width: 190, cell: ({ openedAtMs }) => time(openedAtMs) },
    {
      id: 'number',
      title: words.search.number,
      width: 130,
      cell: ({ chargeId }) => <span className="tabular">{shortNumber(chargeId)}</span>,
    },
    {
      id: 'member',
      title: words.member,
      width: '1fr',
      cell: (found) => <span className="truncate">{memberName(found)}</span>,
    },
    {
      id: 'place',
      title: words.place,
      width: '1fr',
      cell: ({ cabinetId }) => <span className="truncate">{cabinetId}</span>,
    },
    { id: 'total', title: words.amount, width: 130, numeric: true, cell: total },
    { id: 'state', title: words.search.state, width: 170, cell: state },
  ];
  return (
    <DataList
      label={words.search.results}
      items={items}
      columns={columns}
      keyOf={({ chargeId }) => chargeId}
      hrefOf={({ chargeId }) => `/charges/${chargeId}`}
      textOf={(found) => `${time(found.openedAtMs)}, ${memberName(found)}, ${total(found)}`}
      cardHeight={104}
      card={(found) => (
        <div className="flex h-full flex-col justify-between">
          <div className="flex items-center justify-between gap-2">
            {state(found)}
            <span className="tabular font-semibold">{total(found)}</span>
          </div>
          <p className="truncate text-label">
            {memberName(found)} · {found.cabinetId}
          </p>
          <p className="tabular truncate text-fine text-soft">
            {time(found.openedAtMs)} · {shortNumber(found.chargeId)}
          </p>
        </div>
      )}
      pages={pages}
    />
  );
}
