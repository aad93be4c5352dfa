import type { QueueCounts, QueueItem, QueueKind, Sums } from '../../../../shared/console/work.schema.ts';
import { queueCountMax, queueKinds } from '../../../../shared/console/work.schema.ts';
import type { Currency } from '../../../../shared/money.ts';
import { consoleExports } from '../../../../shared/console/routes.ts';
import { pathAndQueryOf } from '../../../../shared/util/route-path.ts';
import { Go, go, linkTo, useAddress } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useKept } from '../../base/kept.ts';
import { type Further, useLoad, usePages } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import type { Words } from '../../i18n/shape.ts';
import {
  Chip,
  type ChipLook,
  PageHead,
  Waiting,
  buttonLinkClass,
  linkClass,
  tabClass,
} from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { type DataColumn, DataList } from '../../ui/data-list.tsx';
import { Totals } from '../../ui/totals.tsx';
import { ItemDialog } from './item-dialog.tsx';

const lookOf: Readonly<Record<QueueKind, ChipLook>> = {
  ...{ held_lines: 'care', dispute: 'care', needs_attention: 'bad', review: 'plain' },
  ...{ refund_due: 'bad', unreadable: 'bad', incident: 'plain', difference: 'plain' },
};
const ofCharge: ReadonlySet<QueueKind> = new Set(['held_lines', 'dispute', 'needs_attention', 'review']);

/** Why it needs a person, as closely as it is known. */
export function whyOf({ kind, reason, about }: QueueItem, { codes }: Words): string {
  if (reason !== null) return codes.reasons[reason];
  const known = kind === 'difference' ? codes.differences[about] : codes.incidents[about];
  return known ?? codes.kindWhy[kind];
}

export function QueuePage() {
  const words = useWords();
  const { query } = useAddress();
  const mayExport = useRight('export');
  const kind = queueKinds.find((one) => one === query.get('kinds')) ?? null;
  const cabinetId = query.get('cabinetId') ?? '';
  const params = { ...(kind === null ? {} : { kinds: kind }), ...(cabinetId === '' ? {} : { cabinetId }) };
  const pages = usePages('queue', { ...params, limit: '100' });
  const counts = useLoad('queueCounts', cabinetId === '' ? {} : { cabinetId });
  const openKey = query.get('item');
  const here = (more: Record<string, string>): string => linkTo('/queue', { ...params, ...more });
  const reload = (): void => {
    pages.reload();
    counts.reload();
  };
  const found = pages.items?.find(({ key }) => key === openKey);
  const open = useKept(found, openKey);
  const close = (): void => {
    go(here({}), { replace: true });
  };
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.queue.heading} lead={words.queue.lead}>
        <Button onPress={reload}>{words.refresh}</Button>
        {mayExport && (
          <a className={buttonLinkClass} href={pathAndQueryOf(consoleExports.queue, params)}>
            {words.export}
          </a>
        )}
      </PageHead>
      <KindTabs kind={kind} cabinetId={cabinetId} counts={counts.value} />
      {cabinetId !== '' && (
        <p className="text-label">
          {words.place} <strong>{cabinetId}</strong> ·{' '}
          <Go to={linkTo('/queue', { kinds: kind })} className={linkClass}>
            {words.queue.all}
          </Go>
        </p>
      )}
      {counts.value !== null && pages.items?.length !== 0 && (
        <Totals {...totalOf(counts.value, kind)} countMax={queueCountMax} />
      )}
      {pages.items === null ? (
        <Waiting failed={pages.failed} retry={reload} />
      ) : pages.items.length === 0 ? (
        <p className="rounded-card border border-line bg-card p-8 text-center text-soft">
          {kind === null ? words.queue.empty : words.queue.emptyKind}
        </p>
      ) : (
        <QueueList items={pages.items} pages={pages} hrefOf={(key) => here({ item: key })} />
      )}
      {open !== undefined && (
        <ItemDialog item={open} isGone={found === undefined} onDone={reload} onClose={close} />
      )}
      {open === undefined && openKey !== null && pages.items !== null && (
        <LinkedItem key={openKey} itemKey={openKey} onDone={reload} onClose={close} />
      )}
    </div>
  );
}

/** What a link leads to and this page of the list has not. */
function LinkedItem({
  itemKey,
  onDone,
  onClose,
}: {
  itemKey: string;
  onDone: () => void;
  onClose: () => void;
}) {
  const { value, reload } = useLoad('queue', { item: itemKey, limit: '1' });
  const found = value?.items[0];
  const open = useKept(found, itemKey);
  if (open === undefined) return null;
  const done = (): void => {
    reload();
    onDone();
  };
  return <ItemDialog item={open} isGone={found === undefined} onDone={done} onClose={onClose} />;
}

/** Of one kind, or of all together. */
function totalOf(counts: QueueCounts, kind: QueueKind | null = null): { count: number; sums: Sums } {
  const wanted = queueKinds.filter((one) => kind === null || one === kind).map((one) => counts[one]);
  const sums = new Map<Currency, number>();
  for (const { currency, amountMinor } of wanted.flatMap((one) => one.sums))
    sums.set(currency, (sums.get(currency) ?? 0) + amountMinor);
  return {
    count: wanted.reduce((sum, { count }) => sum + count, 0),
    sums: [...sums].map(([currency, amountMinor]) => ({ currency, amountMinor })),
  };
}

/** From so many on their number is not counted. */
const countedMax = 999;

function KindTabs({
  kind,
  cabinetId,
  counts,
}: {
  kind: QueueKind | null;
  cabinetId: string;
  counts: QueueCounts | null;
}) {
  const words = useWords();
  const all = counts === null ? null : totalOf(counts).count;
  // What nothing waits in is no place to go to; where one is stays.
  const shown = queueKinds.filter((one) => one === kind || counts === null || counts[one].count > 0);
  const said = (count: number | null): string =>
    count === null ? '' : count > countedMax ? `${countedMax}+` : String(count);
  const link = (of: QueueKind | null, text: string, count: number | null) => (
    <li key={text}>
      <Go
        to={linkTo('/queue', { kinds: of, cabinetId })}
        current={of === kind}
        className={tabClass(of === kind)}
      >
        {text}
        <span className="tabular text-fine font-semibold text-soft">{said(count)}</span>
      </Go>
    </li>
  );
  return (
    <nav aria-label={words.queue.heading}>
      <ul className="flex flex-wrap gap-2">
        {link(null, words.queue.all, all)}
        {shown.map((one) => link(one, words.codes.kinds[one], counts?.[one].count ?? null))}
      </ul>
    </nav>
  );
}

function QueueList({
  items,
  pages,
  hrefOf,
}: {
  items: readonly QueueItem[];
  pages: Further;
  hrefOf: (key: string) => string;
}) {
  const words = useWords();
  const { money, age, time } = useFormat();
  const amountOf = ({ amountMinor, currency }: QueueItem): string =>
    amountMinor === null ? '–' : money(amountMinor, currency);
  const columns: readonly DataColumn<QueueItem>[] = [
    {
      id: 'why',
      title: words.queue.why,
      width: '3fr',
      cell: (item) => <span className="line-clamp-2">{whyOf(item, words)}</span>,
    },
    {
      id: 'kind',
      title: words.queue.about,
      width: 160,
      cell: ({ kind }) => <Chip look={lookOf[kind]}>{words.codes.kinds[kind]}</Chip>,
    },
    { id: 'amount', title: words.amount, width: 130, numeric: true, cell: amountOf },
    {
      id: 'place',
      title: words.place,
      width: '1fr',
      cell: (item) => <Clipped text={item.cabinetId || '–'} />,
    },
    {
      id: 'since',
      title: words.since,
      width: 130,
      cell: ({ atMs }) => (
        <time dateTime={new Date(atMs).toISOString()} title={time(atMs)}>
          {age(atMs)}
        </time>
      ),
    },
  ];
  return (
    <DataList
      label={words.queue.heading}
      items={items}
      columns={columns}
      keyOf={({ key }) => key}
      hrefOf={({ kind, key, chargeId }) =>
        ofCharge.has(kind) && chargeId !== null ? `/charges/${chargeId}` : hrefOf(key)
      }
      textOf={(item) => `${words.codes.kinds[item.kind]}, ${whyOf(item, words)}, ${amountOf(item)}`}
      cardHeight={128}
      card={(item) => (
        <div className="flex h-full flex-col justify-between gap-1">
          <div className="flex items-center justify-between gap-2">
            <Chip look={lookOf[item.kind]}>{words.codes.kinds[item.kind]}</Chip>
            <span className="tabular font-semibold">{amountOf(item)}</span>
          </div>
          <p className="line-clamp-2 text-label">{whyOf(item, words)}</p>
          <p className="truncate text-fine text-soft">
            {[item.cabinetId, age(item.atMs)].filter((text) => text !== '').join(' · ')}
          </p>
        </div>
      )}
      pages={pages}
    />
  );
}

function Clipped({ text }: { text: string }) {
  return <span className="truncate">{text}</span>;
}
